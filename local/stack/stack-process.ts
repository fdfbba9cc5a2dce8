import { fork, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ChildStart, FromChild, ToChild } from "../child.ts";
import type { ClockSetting } from "../clock.ts";

type ProcessState = "starting" | "ready" | "stopped" | "killed" | "failed";

/** A request to a child, before it gets its number. */
type Request = ToChild extends infer Message
  ? Message extends { readonly id: number }
    ? Omit<Message, "id">
    : never
  : never;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What a process runs. */
export interface ProcessEntry {
  readonly file: string;
  readonly nodeOptions?: readonly string[];
  /** It starts programs of its own: signals go to all of them, and what a terminal sends to none. */
  readonly hasOwnGroup?: boolean;
}

/** A process that ended before it was ready. */
export interface StartFailure extends Error {
  readonly exitCode?: number | null;
}

const STOP_DEADLINE_MS = 15_000;
/** Where Node keeps the code that it compiled once: every start but the first takes half the time. */
export const COMPILE_CACHE = resolve(import.meta.dirname, "../../.local/compile-cache");

/** One child process of the stack, over all its lives. */
export class StackProcess {
  readonly name: string;
  state: ProcessState = "stopped";
  readonly #entry: ProcessEntry;
  readonly #output: string;
  readonly #onExit: (exitCode: number | null) => void;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #ready: Waiting | undefined;
  #nextId = 1;

  /** `onExit` is called when the process ends without having been asked to. */
  constructor(name: string, entry: ProcessEntry, output: string, onExit: (exitCode: number | null) => void) {
    this.name = name;
    this.#entry = entry;
    this.#output = output;
    this.#onExit = onExit;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Lets Node boot and load the code; `start` then gives it its work. */
  fork(): void {
    if (this.#child) throw new Error(`${this.name} is already running`);
    this.state = "starting";
    const output = openSync(this.#output, "w");
    const child = fork(this.#entry.file, [], {
      execArgv: ["--disable-warning=ExperimentalWarning", ...(this.#entry.nodeOptions ?? [])],
      env: bareEnvironment(),
      detached: this.#hasOwnGroup,
      stdio: ["ignore", output, output, "ipc"],
    });
    closeSync(output);
    this.#child = child;
    child.on("message", (message: FromChild) => this.#receive(message));
    this.#exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#ended(code, signal);
        resolve();
      });
    });
  }

  /** Resolves when the process is ready. @throws Error with the reason if it refuses or ends */
  async start(start: ChildStart): Promise<void> {
    if (!this.#child) this.fork();
    await new Promise<unknown>((resolve, reject) => {
      this.#ready = { resolve, reject };
      this.#send({ start });
    });
    this.state = "ready";
  }

  call(part: string, operation: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.#request({ part, operation, parameters });
  }

  /** Lets the parts finish what they do of their own accord; answers whether there was anything. */
  async settle(): Promise<boolean> {
    return this.state === "ready" && (await this.#request({ settle: true })) === true;
  }

  /** Resolves when the process lives by that clock; a process that does not run gets it at its next start. */
  async setClock(clock: ClockSetting): Promise<void> {
    if (this.state === "ready") await this.#request({ clock });
  }

  /** Stops cleanly, in the end with force. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.state = "stopped";
    if (child.connected) child.disconnect();
    const deadline = setTimeout(() => this.#signal(child, "SIGKILL"), STOP_DEADLINE_MS);
    await this.#exited;
    clearTimeout(deadline);
  }

  /** Sends a signal (SIGTERM and SIGINT stop cleanly); waits until the process is gone, if the signal ends it. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) throw new Error(`${this.name} is not running`);
    if (signal === "SIGTERM" || signal === "SIGINT") {
      await this.stop();
      return;
    }
    if (signal === "SIGSTOP" || signal === "SIGCONT") {
      this.#signal(child, signal);
      return;
    }
    this.state = "killed";
    this.#signal(child, signal);
    await this.#exited;
  }

  get #hasOwnGroup(): boolean {
    return this.#entry.hasOwnGroup === true && process.platform !== "win32";
  }

  #signal(child: ChildProcess, signal: NodeJS.Signals): void {
    if (this.#hasOwnGroup && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
  }

  #request(request: Request): Promise<unknown> {
    if (this.state !== "ready") return Promise.reject(new Error(`${this.name} is not running`));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ ...request, id });
    });
  }

  #send(message: ToChild): void {
    this.#child?.send(message, (error) => {
      if (error && "id" in message) this.#settle(message.id, undefined, `${this.name} is gone`);
    });
  }

  #receive(message: FromChild): void {
    if ("ready" in message) this.#ready?.resolve(undefined);
    else if ("failed" in message) this.#ready?.reject(new Error(`${this.name} did not start: ${message.failed}`));
    else if ("error" in message) this.#settle(message.id, undefined, message.error);
    else this.#settle(message.id, message.result, undefined);
  }

  #settle(id: number, result: unknown, error: string | undefined): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = undefined;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, undefined, `${this.name} is gone`);
    const reason = `it ended with ${signal ?? `code ${code ?? "?"}`}: ${this.#lastOutput()}`;
    const failure: StartFailure = Object.assign(new Error(`${this.name} did not start: ${reason}`), { exitCode: code });
    this.#ready?.reject(failure);
    this.#ready = undefined;
    if (this.state === "stopped" || this.state === "killed") return;
    const wasReady = this.state === "ready";
    this.state = "failed";
    if (wasReady) this.#onExit(code);
  }

  #lastOutput(): string {
    return readFileSync(this.#output, "utf8").trim().split("\n").slice(-3).join(" | ");
  }
}

/** Nothing of the developer's shell (credentials, proxies, Node options) reaches the parts. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "TMPDIR", "SystemRoot", "NODE_V8_COVERAGE", "NODE_EXTRA_CA_CERTS"];
  return {
    TZ: "UTC",
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    ...Object.fromEntries(kept.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : []))),
  };
}
