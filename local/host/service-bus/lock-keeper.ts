import { clockNow } from "../../clock.ts";
import { Alarm } from "../alarm.ts";

/** Renewed this long before its end, or halfway if there is less left. */
const MARGIN_MS = 10_000;
const SHORTEST_PAUSE_MS = 200;

/** Renews the lock; answers until when it holds now. */
type Renew = () => Promise<Date>;

interface Held {
  readonly renew: Renew;
  readonly giveUpAt: number;
  renewAt: number;
  lockedUntil: number;
}

/**
 * Renews the locks of what is being worked on, by the clock of the stack. The client's own renewal tells messages apart
 * by their message id, which two of them may share.
 */
export class LockKeeper {
  readonly #longestMs: number;
  readonly #failed: (error: unknown) => void;
  readonly #held = new Set<Held>();
  readonly #alarm = new Alarm(() => this.#renewDue());

  /** `failed` is told of every renewal that was refused. */
  constructor(longestMs: number, failed: (error: unknown) => void) {
    this.#longestMs = longestMs;
    this.#failed = failed;
  }

  /** Keeps a lock until the answer is called, or for the longest time. */
  hold(lockedUntil: Date | undefined, renew: Renew): () => void {
    const now = clockNow();
    const held: Held = {
      renew,
      giveUpAt: now + this.#longestMs,
      renewAt: 0,
      lockedUntil: lockedUntil?.getTime() ?? now,
    };
    if (!this.#schedule(held)) return () => undefined;
    this.#held.add(held);
    return () => this.#held.delete(held);
  }

  stop(): void {
    this.#alarm.stop();
    this.#held.clear();
  }

  /** Whether there is another renewal to wait for. */
  #schedule(held: Held): boolean {
    const now = clockNow();
    const leftMs = held.lockedUntil - now;
    held.renewAt = now + Math.max(SHORTEST_PAUSE_MS, leftMs - Math.min(MARGIN_MS, leftMs / 2));
    if (leftMs <= 0 || held.renewAt >= held.giveUpAt) return false;
    if (held.renewAt < (this.#alarm.dueAt ?? Infinity)) this.#alarm.set(held.renewAt);
    return true;
  }

  #renewDue(): void {
    const now = clockNow();
    let nextAt = Infinity;
    for (const held of this.#held) {
      if (held.renewAt <= now) void this.#renew(held);
      nextAt = Math.min(nextAt, held.renewAt);
    }
    if (nextAt < Infinity) this.#alarm.set(nextAt);
  }

  async #renew(held: Held): Promise<void> {
    held.renewAt = Infinity;
    try {
      held.lockedUntil = (await held.renew()).getTime();
    } catch (error) {
      if (this.#held.has(held)) this.#failed(error);
    }
    if (this.#held.has(held) && !this.#schedule(held)) this.#held.delete(held);
  }
}
