import { Heap } from "./heap.ts";
import type { Message } from "./message.ts";

/** When messages of an entity come due, and when their time is over. One that has left may still be noted here. */
export class Timeline {
  readonly #isHere: (message: Message) => boolean;
  readonly #scheduled = new Heap<Message>((a, b) => (a.dueAt ?? 0) < (b.dueAt ?? 0));
  readonly #expiring = new Heap<Message>((a, b) => a.expiresAt < b.expiresAt);

  constructor(isHere: (message: Message) => boolean) {
    this.#isHere = isHere;
  }

  schedule(message: Message): void {
    this.#scheduled.push(message);
  }

  expire(message: Message): void {
    if (message.expiresAt < Infinity) this.#expiring.push(message);
  }

  /** When something next comes due or expires. */
  nextAt(): number {
    return Math.min(this.#scheduled.peek()?.dueAt ?? Infinity, this.#expiring.peek()?.expiresAt ?? Infinity);
  }

  /** Takes out, one by one, what has come due. */
  *due(now: number): Iterable<Message> {
    for (let message = this.#scheduled.peek(); message; message = this.#scheduled.peek()) {
      const isThere = this.#isHere(message) && message.state === "scheduled";
      if (isThere && (message.dueAt ?? 0) > now) return;
      this.#scheduled.pop();
      if (isThere) yield message;
    }
  }

  /** Takes out, one by one, what nobody holds and whose time is over; what is locked is looked at when it comes back. */
  *expired(now: number): Iterable<Message> {
    for (let message = this.#expiring.peek(); message; message = this.#expiring.peek()) {
      if (message.expiresAt > now) return;
      this.#expiring.pop();
      if (this.#isHere(message) && message.lock === undefined) yield message;
    }
  }
}
