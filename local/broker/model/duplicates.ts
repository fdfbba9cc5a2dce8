/** The message ids of the last while. Kept in order of time, so that old ones go first. */
export class DuplicateHistory {
  readonly windowMs: number;
  readonly #seenAt = new Map<string, number>();

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  /** Notes an id; answers whether it is new within the window. */
  admit(id: string, now: number): boolean {
    this.#forget(now);
    if (this.#seenAt.has(id)) return false;
    this.#seenAt.set(id, now);
    return true;
  }

  *entries(now: number): Iterable<readonly [id: string, at: number]> {
    this.#forget(now);
    yield* this.#seenAt;
  }

  #forget(now: number): void {
    for (const [id, at] of this.#seenAt) {
      if (at + this.windowMs > now) return;
      this.#seenAt.delete(id);
    }
  }
}
