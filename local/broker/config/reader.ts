import { parseDurationMs } from "./duration.ts";

/** A configuration that cannot be used: one sentence that names the place. */
export class ConfigError extends Error {}

/** Reads a JSON value of which nothing is known; every refusal names the place. */
export class Reader {
  readonly place: string;
  readonly #value: unknown;

  constructor(value: unknown, place: string) {
    this.#value = value;
    this.place = place;
  }

  fail(problem: string): never {
    throw new ConfigError(`${this.place} ${problem}.`);
  }

  /** A field, with its place; absent ones are `undefined` inside. */
  at(name: string): Reader {
    return new Reader(this.fields()[name], this.place === "" ? name : `${this.place}.${name}`);
  }

  get isAbsent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  fields(): Readonly<Record<string, unknown>> {
    const value = this.#value;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return this.fail(this.isAbsent ? "is missing" : "is not an object");
  }

  /** Its items; none if it is absent. */
  items(): readonly Reader[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.#value)) return this.fail("is not a list");
    return this.#value.map((item, index) => new Reader(item, `${this.place}[${index}]`));
  }

  text(): string {
    if (typeof this.#value === "string" && this.#value !== "") return this.#value;
    return this.fail(this.isAbsent ? "is missing" : "is not a text");
  }

  /** `undefined` for an absent or empty text. */
  optionalText(): string | undefined {
    return this.isAbsent || this.#value === "" ? undefined : this.text();
  }

  flag(): boolean {
    if (this.isAbsent) return false;
    return typeof this.#value === "boolean" ? this.#value : this.fail("is neither true nor false");
  }

  count(otherwise: number, least = 1): number {
    if (this.isAbsent) return otherwise;
    const value = this.#value;
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    return this.fail(`is not a whole number from ${least} on`);
  }

  durationMs(otherwise: number): number {
    if (this.isAbsent) return otherwise;
    const text = this.text();
    const ms = parseDurationMs(text);
    return ms === undefined || ms === 0 ? this.fail(`is no ISO 8601 duration like PT1M: "${text}"`) : ms;
  }
}
