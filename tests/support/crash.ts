/** What answers no promise. */
const READ_ONE_BY_ONE: ReadonlySet<string | symbol> = new Set(["chain", "heads"]);

/**
 * Counts the worker's calls to the outside and dies at one of them: before its effect or after it. With `staysDead`, what
 * it was doing does nothing more until `revive`: nobody catches a killed process.
 */
export class Crash {
  calls = 0;
  armed = true;
  staysDead = false;
  #dead = false;
  readonly #at: number;
  readonly #when: "before" | "after";

  constructor(at: number, when: "before" | "after") {
    this.#at = at;
    this.#when = when;
  }

  revive(): void {
    this.#dead = false;
  }

  guard<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: readonly unknown[]): unknown => {
          const call = (): unknown => (member as (...given: readonly unknown[]) => unknown).call(target, ...args);
          return READ_ONE_BY_ONE.has(name)
            ? this.#each(call as () => AsyncIterable<unknown>)
            : this.#once(async () => call());
        };
      },
    });
  }

  async #once<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (!this.armed) return call();
    if (this.#dead) throw new Error("killed");
    this.calls += 1;
    const dies = this.calls === this.#at;
    this.#dead = dies && this.staysDead;
    if (dies && this.#when === "before") throw new Error("killed");
    const answer = await call();
    if (dies) throw new Error("killed");
    return answer;
  }

  /** Dies before the first or after the last. */
  async *#each(call: () => AsyncIterable<unknown>): AsyncGenerator {
    const all = await this.#once(async () => {
      const found: unknown[] = [];
      for await (const one of call()) found.push(one);
      return found;
    });
    yield* all;
  }
}
