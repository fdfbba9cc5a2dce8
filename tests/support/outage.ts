import type { Instant } from "../../shared/domain/time.ts";
import { msOf } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { NO_ANSWER, refusedWith } from "./memory-directory.ts";

const TEN_MINUTES_MS = 600_000;
const WRITES = [
  "assign",
  "remove",
  "makeEligible",
  "extendEligibility",
  "endEligibility",
  "assignWithoutEnd",
  "patchRule",
];

type Call = (...given: readonly unknown[]) => Promise<unknown>;

/**
 * Counts the calls of the directory; from one of them on it answers 429 for ten minutes, or at that one call it does what
 * was asked and its answer is lost.
 */
export class Outage {
  calls = 0;
  readonly #at: number;
  readonly #how: "429" | "lost";
  readonly #now: () => Instant;
  #since: number | undefined;

  constructor(at: number, how: "429" | "lost", now: () => Instant) {
    this.#at = at;
    this.#how = how;
    this.#now = now;
  }

  guard<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: readonly unknown[]) => this.#call(String(name), () => (member as Call).call(target, ...args));
      },
    });
  }

  async #call(name: string, call: () => Promise<unknown>): Promise<unknown> {
    this.calls += 1;
    const isWrite = WRITES.includes(name);
    const nowMs = msOf(this.#now());
    if (this.calls === this.#at) this.#since = nowMs;
    if (this.#how === "lost") {
      const answer = await call();
      if (this.calls !== this.#at) return answer;
      if (isWrite) return NO_ANSWER;
      throw new DependencyError("Unavailable", "the answer was lost");
    }
    if (this.#since === undefined || nowMs >= this.#since + TEN_MINUTES_MS) return call();
    if (!isWrite) throw new DependencyError("Throttled", "429", { retryAfterMs: 30_000 });
    return { ...refusedWith("TooManyRequests", 429), retryAfterMs: 30_000 };
  }
}
