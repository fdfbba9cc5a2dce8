import { Heap } from "./heap.ts";
import { deadLetterChanges, EXPIRED, tooManyDeliveries, type DeadLetterReason } from "./dead-letter-reasons.ts";
import type { EntityHooks, Outcome } from "./entity-hooks.ts";
import type { Lock, Message, PropertyChanges, SessionLock } from "./message.ts";
import { inOrder, Sessions } from "./sessions.ts";
import type { EntitySettings } from "./settings.ts";
import { Timeline } from "./timeline.ts";

/**
 * A queue, a subscription or the dead letters of one: messages in order, locks, sessions, schedule and time to live.
 * It knows no clock, no file and no connection. Every instant comes in, and what has to be remembered goes out as a
 * record, after it has been done here.
 */
export class Entity {
  readonly path: string;
  readonly settings: EntitySettings;
  readonly messages = new Map<number, Message>();
  readonly sessions = new Sessions();
  bytes = 0;
  nextSequence = 1;
  readonly #hooks: EntityHooks;
  readonly #locks = new Map<string, Lock>(); // in the order in which they end: all last equally long
  readonly #ready = new Heap<Message>(inOrder);
  readonly #timeline = new Timeline((message) => this.#isHere(message));

  constructor(path: string, settings: EntitySettings, hooks: EntityHooks) {
    this.path = path;
    this.settings = settings;
    this.#hooks = hooks;
  }

  /** Puts a message in, under the number it has. */
  put(message: Message): void {
    this.messages.set(message.sequence, message);
    this.bytes += message.location.length;
    this.nextSequence = Math.max(this.nextSequence, message.sequence + 1);
    if (message.state === "scheduled") this.#timeline.schedule(message);
    else this.#arrive(message);
  }

  /** Takes a message out, wherever it stands. */
  remove(message: Message): void {
    if (!this.#isHere(message)) return;
    this.messages.delete(message.sequence);
    this.bytes -= message.location.length;
    if (message.lock) this.#unlock(message.lock);
  }

  /** Removes a message for good. */
  drop(message: Message): void {
    this.remove(message);
    this.#hooks.record({ t: "del", q: this.path, s: message.sequence });
  }

  /** Whether a message waits. */
  hasNext(now: number, session?: SessionLock): boolean {
    const message = this.#nextReady(now, session);
    if (message) this.#line(message);
    return message !== undefined;
  }

  /** Locks the first message that waits, in a session if one is given. */
  lockNext(now: number, session?: SessionLock): Lock | undefined {
    const message = this.#nextReady(now, session);
    return message && this.lock(message, now, session);
  }

  /** Takes the first message that waits, for good. */
  takeNext(now: number, session?: SessionLock): Message | undefined {
    const message = this.#nextReady(now, session);
    if (message) this.drop(message);
    return message;
  }

  lock(message: Message, now: number, session?: SessionLock): Lock {
    const until = session?.until ?? now + this.settings.lockMs;
    const lock: Lock = { token: this.#hooks.token(), message, session, until };
    message.lock = lock;
    session?.locks.add(lock);
    this.#locks.set(lock.token, lock);
    return lock;
  }

  /** The lock of a token, if it is still in force. */
  lockOf(token: string, now: number): Lock | undefined {
    this.tick(now);
    return this.#locks.get(token);
  }

  /** @returns when the lock ends now */
  renew(lock: Lock, now: number): number {
    lock.until = now + this.settings.lockMs;
    this.#locks.delete(lock.token); // it ends last now
    this.#locks.set(lock.token, lock);
    return lock.until;
  }

  settle(lock: Lock, outcome: Outcome, now: number): void {
    const { message } = lock;
    switch (outcome.kind) {
      case "complete": {
        this.drop(message);
        return;
      }
      case "abandon": {
        this.#giveBack(lock, now, outcome.changes);
        return;
      }
      case "release":
        this.#unlock(lock);
        {
          this.#comeBack(message, now);
          return;
        }
      case "defer": {
        this.#defer(lock, outcome.changes);
        return;
      }
      case "deadLetter": {
        this.deadLetter(message, outcome.reason, now, outcome.changes);
        return;
      }
    }
  }

  deadLetter(message: Message, reason: DeadLetterReason, now: number, changes?: PropertyChanges): void {
    this.remove(message);
    message.changes = { ...message.changes, ...changes, ...deadLetterChanges(reason) };
    message.state = "active";
    this.#hooks.deadLetter(message, now);
  }

  /** Holds a session; `id` undefined = any that has messages. `undefined` = there is none, or somebody has it. */
  holdSession(id: string | undefined, now: number, lost: () => void): SessionLock | undefined {
    this.tick(now);
    const session = id === undefined ? this.sessions.firstFree() : this.sessions.open(id);
    if (!session || session.lock) return undefined;
    const lock: SessionLock = { sessionId: session.id, until: now + this.settings.lockMs, locks: new Set(), lost };
    this.sessions.hold(session, lock);
    return lock;
  }

  renewSession(lock: SessionLock, now: number): number {
    const session = this.sessions.get(lock.sessionId);
    if (session?.lock !== lock) throw new Error(`nobody holds session ${lock.sessionId} any more`);
    lock.until = now + this.settings.lockMs;
    for (const held of lock.locks) held.until = lock.until;
    this.sessions.hold(session, lock);
    return lock.until;
  }

  isHeld(lock: SessionLock, now: number): boolean {
    this.tick(now);
    return this.sessions.get(lock.sessionId)?.lock === lock;
  }

  /** Gives a session back; its messages count as not tried. */
  releaseSession(lock: SessionLock, now: number): void {
    this.#endSession(lock, (held) => this.settle(held, { kind: "release" }, now));
  }

  setSessionState(id: string, state: Buffer | undefined): void {
    const session = this.sessions.open(id);
    session.state = state;
    this.sessions.review(session);
  }

  /** Lets everything happen that is due: lost locks, messages that come due, messages whose time is over. */
  tick(now: number): void {
    for (const session of this.sessions.held()) {
      if (session.lock === undefined || session.lock.until > now) break;
      this.#loseSession(session.lock, now);
    }
    this.#loseLocks(now);
    if (this.#timeline.nextAt() > now) return;
    for (const message of this.#timeline.due(now)) this.#enqueue(message, now);
    for (const message of this.#timeline.expired(now)) this.#expire(message, now);
  }

  /** When `tick` next has something to do. */
  nextDueAt(): number {
    return Math.min(
      first(this.sessions.held())?.lock?.until ?? Infinity,
      this.#firstLockEnd(),
      this.#timeline.nextAt(),
    );
  }

  get lockCount(): number {
    return this.#locks.size;
  }

  #firstLockEnd(): number {
    if (this.settings.requiresSession) return Infinity; // their locks end with the session
    return first(this.#locks.values())?.until ?? Infinity;
  }

  #arrive(message: Message): void {
    const ttlMs = Math.min(message.ttlMs ?? Infinity, this.settings.ttlMs);
    message.expiresAt = this.#hooks.appliesTtl ? message.enqueuedAt + ttlMs : Infinity;
    this.#timeline.expire(message);
    if (message.state === "active") this.#makeReady(message);
  }

  #makeReady(message: Message): void {
    this.#line(message);
    this.#hooks.ready();
  }

  /** Puts a message in line with those that wait. */
  #line(message: Message): void {
    if (this.settings.requiresSession && message.sessionId !== undefined) {
      const session = this.sessions.open(message.sessionId);
      session.ready.push(message);
      this.sessions.review(session);
    } else this.#ready.push(message);
  }

  #nextReady(now: number, lock: SessionLock | undefined): Message | undefined {
    const session = lock && this.sessions.get(lock.sessionId);
    const ready = session ? session.ready : this.#ready;
    for (let message = ready.pop(); message; message = ready.pop()) {
      if (session) this.sessions.review(session);
      if (!this.#waits(message)) continue;
      if (message.expiresAt > now) return message;
      this.#expire(message, now);
    }
    return undefined;
  }

  /** What was taken out, or is in somebody's hands, may still lie in a heap. */
  #waits(message: Message): boolean {
    return message.state === "active" && message.lock === undefined && this.#isHere(message);
  }

  #isHere(message: Message): boolean {
    return this.messages.get(message.sequence) === message;
  }

  #unlock(lock: Lock): void {
    this.#locks.delete(lock.token);
    lock.session?.locks.delete(lock);
    lock.message.lock = undefined;
  }

  #giveBack(lock: Lock, now: number, changes?: PropertyChanges): void {
    const { message } = lock;
    this.#unlock(lock);
    if (message.state === "deferred") return; // it stays where it is: it was received by its number
    message.deliveryCount += 1;
    if (changes) message.changes = { ...message.changes, ...changes };
    if (message.deliveryCount >= this.settings.maxDeliveryCount) {
      this.deadLetter(message, tooManyDeliveries(message.deliveryCount), now);
      return;
    }
    this.#hooks.record({
      t: "count",
      q: this.path,
      s: message.sequence,
      n: message.deliveryCount,
      ...(message.changes ? { changes: message.changes } : {}),
    });
    this.#comeBack(message, now);
  }

  #comeBack(message: Message, now: number): void {
    if (message.expiresAt <= now) this.#expire(message, now);
    else if (message.state === "active") this.#makeReady(message);
  }

  #defer(lock: Lock, changes: PropertyChanges | undefined): void {
    const { message } = lock;
    this.#unlock(lock);
    message.state = "deferred";
    if (changes) message.changes = { ...message.changes, ...changes };
    this.#hooks.record({
      t: "defer",
      q: this.path,
      s: message.sequence,
      ...(message.changes ? { changes: message.changes } : {}),
    });
  }

  #loseLocks(now: number): void {
    if (this.settings.requiresSession) return; // they end with the session
    for (const lock of this.#locks.values()) {
      if (lock.until > now) return;
      this.#giveBack(lock, now);
    }
  }

  #loseSession(lock: SessionLock, now: number): void {
    this.#endSession(lock, (held) => this.#giveBack(held, now));
    lock.lost();
  }

  #endSession(lock: SessionLock, giveBack: (held: Lock) => void): void {
    const session = this.sessions.get(lock.sessionId);
    if (session?.lock !== lock) return;
    for (const held of [...lock.locks]) giveBack(held);
    this.sessions.release(session);
    if (session.ready.size > 0) this.#hooks.ready();
  }

  /** A scheduled message comes in as if it were sent now, under a new number. */
  #enqueue(message: Message, now: number): void {
    if (this.#hooks.passOn) {
      this.remove(message);
      this.#hooks.passOn(message, now);
      return;
    }
    const number = this.nextSequence;
    this.#hooks.record({ t: "due", q: this.path, s: message.sequence, n: number, at: now });
    this.comeDue(message, number, now);
  }

  comeDue(message: Message, number: number, at: number): void {
    this.remove(message);
    message.sequence = number;
    message.enqueuedAt = at;
    message.dueAt = undefined;
    message.state = "active";
    this.put(message);
  }

  #expire(message: Message, now: number): void {
    if (this.settings.deadLetterOnExpiration) this.deadLetter(message, EXPIRED, now);
    else this.drop(message);
  }
}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
