import type { Stack, StackDescription } from "../../local/stack/stack.ts";
import { PORT_OFFSETS } from "../../local/stack/ports.ts";

/** What the host of the app has no door for. */
const NOT_HERE = /^no operation host\/(?!runTimer)|cannot be moved$/;

/**
 * A stack that somebody else started, found by the address of its app: the control server listens six ports further on.
 * `cannot` is told what the host cannot do and does not come back.
 */
export class AttachedStack implements Stack {
  readonly #cannot: (reason: string) => never;
  #description: StackDescription;
  #describedAt = Date.now();

  private constructor(description: StackDescription, cannot: (reason: string) => never) {
    this.#description = description;
    this.#cannot = cannot;
  }

  /** @throws Error with one sentence if no stack is there */
  static async to(baseUrl: string, cannot: (reason: string) => never): Promise<AttachedStack> {
    const app = new URL(baseUrl);
    const control = `http://127.0.0.1:${Number(app.port) + PORT_OFFSETS.control}`;
    const described = await ask(control, "GET", "/").catch((error: unknown) => {
      throw new Error(`${baseUrl} belongs to no stack with a control server on ${control}`, { cause: error });
    });
    const description = described as StackDescription;
    if (new URL(description.addresses.app).port !== app.port)
      throw new Error(`the stack of ${control} serves ${description.addresses.app}, not ${baseUrl}`);
    return new AttachedStack(description, cannot);
  }

  get addresses() {
    return this.#description.addresses;
  }

  get taskHubAddress(): string {
    return this.#description.taskHubAddress;
  }

  get taskHubKey(): string {
    return this.#description.taskHubKey;
  }

  get hostLogs(): readonly string[] {
    return this.#description.hostLogs;
  }

  get dataDirectory(): string {
    return this.#description.dataDirectory;
  }

  /** The app in processes of its own, one for each part. */
  get isSplit(): boolean {
    return !("host" in this.#description.processes);
  }

  readonly clock = {
    now: (): number => {
      const { now, mode } = this.#description.clock;
      return Date.parse(now) + (mode === "manual" ? 0 : Date.now() - this.#describedAt);
    },
    advance: (ms: number): Promise<number> => this.#move({ advanceMs: ms }),
    to: (instant: number): Promise<number> => this.#move({ to: new Date(instant).toISOString() }),
    setMode: (mode: "real" | "manual"): Promise<number> => this.#move({ mode }),
  };

  async call(part: string, operation: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (part === "storage" && this.#description.isRealHost)
      this.#cannot(
        "the real Functions host keeps its own state in the storage: requests of the app cannot be told apart",
      );
    return this.#post(`/parts/${part}/${operation}`, parameters);
  }

  async kill(process: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await this.#post(`/processes/${process}/kill`, { signal });
  }

  async start(process: string): Promise<void> {
    await this.#post(`/processes/${process}/start`);
    await this.#look();
  }

  async stopProcess(process: string): Promise<void> {
    await this.#post(`/processes/${process}/stop`);
  }

  #configuring: Promise<unknown> = Promise.resolve();

  /** Reaches the stack before whatever is asked of it next. */
  configure(settings: Readonly<Record<string, string>>): void {
    this.#configuring = ask(this.addresses.control, "POST", "/settings", settings);
  }

  async settle(): Promise<void> {
    await this.#post("/settle");
  }

  describe(): StackDescription {
    return this.#description;
  }

  async reset(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#post("/reset", settings);
    await this.#look();
  }

  /** It goes on: it is not ours. */
  async stop(): Promise<void> {
    // nothing
  }

  async #move(words: Readonly<Record<string, unknown>>): Promise<number> {
    const { now } = (await this.#post("/clock", words)) as { readonly now: string };
    await this.#look();
    return Date.parse(now);
  }

  async #look(): Promise<void> {
    this.#description = (await ask(this.addresses.control, "GET", "/")) as StackDescription;
    this.#describedAt = Date.now();
  }

  async #post(path: string, body: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    await this.#configuring;
    try {
      return await ask(this.addresses.control, "POST", path, body);
    } catch (error) {
      if (error instanceof Error && NOT_HERE.test(error.message)) return this.#cannot(error.message);
      throw error;
    }
  }
}

async function ask(control: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${control}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error((answer as { readonly error: string }).error);
  return answer;
}
