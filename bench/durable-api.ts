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
