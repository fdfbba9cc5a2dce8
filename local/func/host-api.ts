const INSTANCES_PER_PAGE = 100;
const CONTINUATION = "x-ms-continuation-token";

interface Binding {
  readonly type: string;
  readonly queueName?: string;
  readonly topicName?: string;
  readonly subscriptionName?: string;
  readonly useMonitor?: boolean;
}

interface HostFunction {
  readonly name: string;
  readonly config: { readonly bindings: readonly Binding[] };
}

/** What every Functions host tells about itself over HTTP: `/admin`, and the webhooks of the task hub. */
export class HostApi {
  readonly #address: string;
  readonly #taskHubKey: string;
  readonly #settings: Readonly<Record<string, string>>;

  constructor(address: string, taskHubKey: string, settings: Readonly<Record<string, string>>) {
    this.#address = address;
    this.#taskHubKey = taskHubKey;
    this.#settings = settings;
  }

  async isRunning(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.#address}/admin/host/status`);
      return answer.ok && ((await answer.json()) as { readonly state?: string }).state === "Running";
    } catch {
      return false;
    }
  }

  async isListening(): Promise<boolean> {
    return fetch(`${this.#address}/admin/host/status`).then(
      async (answer) => {
        await answer.body?.cancel();
        return true;
      },
      () => false,
    );
  }

  async functions(): Promise<
    readonly { readonly name: string; readonly trigger: string; readonly isMonitored?: boolean }[]
  > {
    return (await this.#functions()).map(({ name, config }) => {
      const trigger = triggerOf(config.bindings);
      return {
        name,
        trigger: trigger?.type ?? "none",
        ...(trigger?.type === "timerTrigger" && { isMonitored: trigger.useMonitor !== false }),
      };
    });
  }

  /** The queues and subscriptions that triggers receive from. */
  async receives(): Promise<readonly string[]> {
    return (await this.#functions()).flatMap(({ config }) => {
      const trigger = triggerOf(config.bindings);
      if (trigger?.type !== "serviceBusTrigger") return [];
      if (trigger.queueName !== undefined) return [this.#filled(trigger.queueName)];
      return [`${this.#filled(trigger.topicName ?? "")}/Subscriptions/${this.#filled(trigger.subscriptionName ?? "")}`];
    });
  }

  /** Asks for a run. Nobody says when it ends. */
  async runTimer(name: string): Promise<void> {
    const answer = await fetch(`${this.#address}/admin/functions/${encodeURIComponent(name)}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    if (answer.status === 404)
      throw new Error(`no operation host/runTimer for '${name}': there is no such timer function`);
    if (!answer.ok) throw new Error(`the host answers ${answer.status} when asked to run ${name}`);
  }

  /** Every instance of the task hub with what tells that it went on. */
  async instances(): Promise<readonly string[]> {
    const found: string[] = [];
    let token = "";
    do {
      const query = `top=${INSTANCES_PER_PAGE}&showInput=false&code=${encodeURIComponent(this.#taskHubKey)}`;
      const answer = await fetch(`${this.#address}/runtime/webhooks/durabletask/instances?${query}`, {
        headers: token === "" ? {} : { [CONTINUATION]: token },
      });
      if (!answer.ok) throw new Error(`the task hub answers ${answer.status} when asked for its instances`);
      found.push(...((await answer.json()) as unknown[]).map((instance) => JSON.stringify(instance)));
      token = answer.headers.get(CONTINUATION) ?? "";
    } while (token !== "");
    return found;
  }

  async #functions(): Promise<readonly HostFunction[]> {
    const answer = await fetch(`${this.#address}/admin/functions`);
    if (!answer.ok) throw new Error(`the host answers ${answer.status} when asked for its functions`);
    return (await answer.json()) as readonly HostFunction[];
  }

  #filled(text: string): string {
    return text.replace(/%([^%\s]+)%/g, (placeholder, name: string) => this.#settings[name] ?? placeholder);
  }
}

const triggerOf = (bindings: readonly Binding[]): Binding | undefined =>
  bindings.find(({ type }) => /trigger$/i.test(type));
