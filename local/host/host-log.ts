import { AsyncLocalStorage } from "node:async_hooks";
import { createWriteStream, type WriteStream } from "node:fs";
import { format } from "node:util";

export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";
export type LogCategory = "user" | "system";

/** The invocation that a line of the app belongs to. */
interface Origin {
  readonly function: string;
  readonly invocationId: string;
}

/** Under load lines are written this far apart: each write costs as much as making many lines. */
const WRITE_EVERY_MS = 20;

/** Everything that the app and the host say, one JSON object a line; no request or response bodies. */
export class HostLog {
  readonly #origin = new AsyncLocalStorage<Origin>();
  readonly #stream: WriteStream;
  /** Written together: at the end of this turn of the event loop, or a little later if there was a write just now. */
  #lines = "";
  #writtenAt = -Infinity;
  #instant = { ms: Number.NaN, text: "" };

  constructor(file: string) {
    this.#stream = createWriteStream(file, { flags: "a" });
  }

  write(level: LogLevel, category: LogCategory, message: string, more: Readonly<Record<string, unknown>> = {}): void {
    const line = { at: this.#instantText(), level, category, ...this.#origin.getStore(), message, ...more };
    if (this.#lines === "") this.#flushSoon();
    this.#lines += `${JSON.stringify(line)}\n`;
  }

  /** Many lines are written within one millisecond. */
  #instantText(): string {
    const now = Date.now();
    if (now !== this.#instant.ms) this.#instant = { ms: now, text: new Date(now).toISOString() };
    return this.#instant.text;
  }

  /** Lines written during `run`, and by what it starts, carry the invocation. */
  during<T>(origin: Origin, run: () => Promise<T>): Promise<T> {
    return this.#origin.run(origin, run);
  }

  /** From now on the console of this process writes here. */
  captureConsole(): void {
    const writer =
      (level: LogLevel) =>
      (...values: unknown[]): void =>
        this.write(level, "user", format(...values));
    console.log = writer("information");
    console.info = writer("information");
    console.debug = writer("debug");
    console.trace = writer("trace");
    console.warn = writer("warning");
    console.error = writer("error");
  }

  #flushSoon(): void {
    const sinceMs = performance.now() - this.#writtenAt;
    if (sinceMs < WRITE_EVERY_MS) setTimeout(() => this.#flush(), WRITE_EVERY_MS - sinceMs);
    else setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#lines === "") return;
    this.#stream.write(this.#lines);
    this.#lines = "";
    this.#writtenAt = performance.now();
  }

  /** Everything said so far is in the file. */
  written(): Promise<void> {
    this.#flush();
    return new Promise((resolve) => this.#stream.write("", () => resolve()));
  }

  close(): Promise<void> {
    this.#flush();
    return new Promise((resolve) => this.#stream.end(() => resolve()));
  }
}
