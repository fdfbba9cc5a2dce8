import { Heap } from "./heap.ts";
import type { Message, SessionLock } from "./message.ts";

/** The messages of one session that wait, what was kept for it, and who holds it. */
class Session {
  readonly id: string;
  readonly ready = new Heap<Message>(inOrder);
  state: Buffer | undefined;
  lock: SessionLock | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** Nothing of it is worth keeping. */
  get isIdle(): boolean {
    return this.ready.size === 0 && this.state === undefined && this.lock === undefined;
  }
}

export const inOrder = (a: Message, b: Message): boolean => a.sequence < b.sequence;

/** The sessions of an entity. `free` holds those that somebody could take: with messages, and nobody's. */
export class Sessions {
  readonly #byId = new Map<string, Session>();
  readonly #held = new Map<string, Session>();
  readonly #free = new Set<Session>();

  get(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  open(id: string): Session {
    let session = this.#byId.get(id);
    if (!session) this.#byId.set(id, (session = new Session(id)));
    return session;
  }

  all(): Iterable<Session> {
    return this.#byId.values();
  }

  /** Held ones in the order in which their locks end. */
  held(): Iterable<Session> {
    return this.#held.values();
  }

  firstFree(): Session | undefined {
    for (const session of this.#free) return session;
    return undefined;
  }

  hold(session: Session, lock: SessionLock): void {
    session.lock = lock;
    this.#held.delete(session.id); // a renewed lock ends last
    this.#held.set(session.id, session);
    this.review(session);
  }

  release(session: Session): void {
    session.lock = undefined;
    this.#held.delete(session.id);
    this.review(session);
  }

  /** To be called whenever something about a session has changed. */
  review(session: Session): void {
    if (session.lock === undefined && session.ready.size > 0) this.#free.add(session);
    else this.#free.delete(session);
    if (session.isIdle) this.#byId.delete(session.id);
  }
}
