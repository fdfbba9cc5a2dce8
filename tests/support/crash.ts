/** Counts the worker's calls to the outside and dies at one of them: before its effect or after it. */
export class Crash {
  calls = 0;
  armed = true;
  readonly #at: number;
  readonly #when: "before" | "after";

  constructor(at: number, when: "before" | "after") {
    this.#at = at;
    this.#when = when;
  }

  guard<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          if (!this.armed) return (member as (...given: readonly unknown[]) => unknown).call(target, ...args);
          this.calls += 1;
          const dies = this.calls === this.#at;
          if (dies && this.#when === "before") throw new Error("killed");
          const answer = await (member as (...given: readonly unknown[]) => Promise<unknown>).call(target, ...args);
          if (dies) throw new Error("killed");
          return answer;
        };
      },
    });
  }
}
