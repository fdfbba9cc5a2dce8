/** What `node:util` names `inspect.custom`; loading it for that costs every start three milliseconds. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** A value that never prints: not in logs, not in JSON, not in an error. Only `reveal` gives it out. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [INSPECT](): string {
    return "[secret]";
  }
}
