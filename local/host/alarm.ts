import { clockNow, getClock, onClockSet } from "../clock.ts";

const LONGEST_SLEEP_MS = 86_400_000;

/** Calls back once when the virtual clock has reached an instant, however it got there. */
export class Alarm {
  readonly #ring: () => void;
  readonly #stopListening: () => void;
  #dueAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(ring: () => void) {
    this.#ring = ring;
    this.#stopListening = onClockSet(() => this.#look());
  }

  /** The instant it waits for. */
  get dueAt(): number | undefined {
    return this.#dueAt;
  }

  set(dueAt: number): void {
    if (this.#stopped) return;
    this.#dueAt = dueAt;
    this.#look();
  }

  /** For good: later calls of `set` do nothing. */
  stop(): void {
    this.#stopped = true;
    this.#stopListening();
    clearTimeout(this.#timer);
    this.#dueAt = undefined;
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (this.#dueAt === undefined) return;
    const waitMs = this.#dueAt - clockNow();
    if (waitMs <= 0) {
      this.#dueAt = undefined;
      this.#ring();
    } else if (getClock().mode === "real") {
      this.#timer = setTimeout(() => this.#look(), Math.min(waitMs, LONGEST_SLEEP_MS));
    }
  }
}
