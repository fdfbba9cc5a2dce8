/** Keys waiting for work, each at most once, run up to `limit` at a time and never twice at once. */
export class WorkQueue<Key> {
  readonly #waiting = new Set<Key>();
  readonly #running = new Map<Key, Promise<void>>();
  readonly #limit: number;
  readonly #work: (key: Key) => Promise<void>;
  readonly #onChange: () => void;
  #held = 0;
  #stopped = false;

  constructor(limit: number, work: (key: Key) => Promise<void>, onChange: () => void) {
    this.#limit = limit;
    this.#work = work;
    this.#onChange = onChange;
  }

  /** Nothing waits and nothing runs but what is held on purpose. */
  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#running.size === this.#held;
  }

  has(key: Key): boolean {
    return this.#running.has(key);
  }

  add(key: Key): void {
    this.#waiting.add(key);
    this.#pump();
  }

  /** Waits for `gate` without counting as work under way. */
  async hold(gate: Promise<void>): Promise<void> {
    this.#held += 1;
    this.#onChange();
    try {
      await gate;
    } finally {
      this.#held -= 1;
    }
  }

  /** Takes nothing more; answers what still waited, and when what runs has ended. */
  stop(): { readonly waiting: readonly Key[]; readonly ended: Promise<unknown> } {
    this.#stopped = true;
    return { waiting: [...this.#waiting], ended: Promise.allSettled(this.#running.values()) };
  }

  #pump(): void {
    if (this.#stopped) return;
    for (const key of this.#waiting) {
      if (this.#running.size - this.#held >= this.#limit) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.set(key, this.#run(key));
    }
  }

  async #run(key: Key): Promise<void> {
    await Promise.resolve(); // let the one who added it finish first
    try {
      await this.#work(key);
    } catch (error) {
      // After `stop` the file is closed and a late end has nowhere to go: the work is done again after the next start.
      if (!this.#stopped) console.error("task hub:", error);
    } finally {
      this.#running.delete(key);
      this.#pump();
      this.#onChange();
    }
  }
}
