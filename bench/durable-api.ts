import type { Stack } from "../local/stack/stack.ts";

/** The Durable HTTP API of a host, as far as the benchmarks need it. */
export class DurableApi {
  readonly #base: string;
  readonly #code: string;

  constructor({ addresses, taskHubKey }: Stack) {
    this.#base = `${addresses.app}/runtime/webhooks/durabletask`;
    this.#code = `code=${encodeURIComponent(taskHubKey)}`;
  }

  async start(orchestrator: string, instanceId: string): Promise<void> {
    await this.#post(`/orchestrators/${orchestrator}/${instanceId}`);
  }

  async raise(instanceId: string, event: string): Promise<void> {
    await this.#post(`/instances/${instanceId}/raiseEvent/${event}`);
  }

  async runtimeStatus(instanceId: string): Promise<string> {
    const response = await fetch(`${this.#base}/instances/${instanceId}?${this.#code}`);
    return ((await response.json()) as { readonly runtimeStatus: string }).runtimeStatus;
  }

  async instanceIds(): Promise<readonly string[]> {
    const response = await fetch(`${this.#base}/instances?top=1000&${this.#code}`);
    return ((await response.json()) as readonly { readonly instanceId: string }[]).map(({ instanceId }) => instanceId);
  }

  /** Events of the generation that the orchestration is in. */
  async historyLength(instanceId: string): Promise<number> {
    const response = await fetch(`${this.#base}/instances/${instanceId}?showHistory=true&${this.#code}`);
    return ((await response.json()) as { readonly historyEvents?: readonly unknown[] }).historyEvents?.length ?? 0;
  }

  /**
   * When the first episode of an orchestration scheduled its first activity, by the host's clock, which is this machine's
   * unless somebody moved it. @throws Error if it scheduled none
   */
  async firstDecisionAt(instanceId: string): Promise<number> {
    const response = await fetch(`${this.#base}/instances/${instanceId}?showHistory=true&${this.#code}`);
    const { historyEvents = [] } = (await response.json()) as {
      readonly historyEvents?: readonly { readonly EventType: string; readonly ScheduledTime?: string }[];
    };
    const first = historyEvents.find(({ EventType }) => EventType === "TaskCompleted");
    const at = Date.parse(first?.ScheduledTime ?? "");
    if (Number.isNaN(at)) throw new Error(`${instanceId} has scheduled nothing`);
    return at;
  }

  async #post(path: string): Promise<void> {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${this.#base}${path}?${this.#code}`, { method: "POST", headers, body: "{}" });
    await response.arrayBuffer();
    if (response.status !== 202) throw new Error(`${path} answered ${response.status}`);
  }
}

/** Runs `work` for 0 to `count` - 1, `width` at a time. */
export async function atOnce(count: number, width: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
