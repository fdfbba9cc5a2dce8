import { setTimeout as pause } from "node:timers/promises";
import type { ServiceBusReceivedMessage, ServiceBusSessionReceiver } from "@azure/service-bus";
import { LOOK_MS, receiveBatch, receiveUpTo } from "./collect.ts";
import type { Listener, ListenerParts } from "./listener.ts";
import { LockKeeper } from "./lock-keeper.ts";
import { nextSession } from "./receivers.ts";
import { Worker } from "./worker.ts";

const NO_SESSION_CAME = "ServiceTimeout";

/**
 * Runs the function for the messages of sessions: several sessions at once, one message after the other in each, or
 * with `cardinality: "many"` one session at a time, batch after batch.
 */
export class SessionListener implements Listener {
  readonly #parts: ListenerParts;
  readonly #worker: Worker;
  readonly #locks: LockKeeper;
  readonly #sessions = new Set<Promise<void>>();
  #isStopping = false;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#worker = new Worker(parts);
    // The locks of batches run out by themselves.
    const longestMs = parts.trigger.isBatch ? 0 : parts.settings.maxAutoLockRenewalMs;
    this.#locks = new LockKeeper(longestMs, (error) =>
      this.#worker.troubles.tell("cannot renew the lock of a session", error),
    );
  }

  start(): void {
    const { settings, trigger } = this.#parts;
    const atOnce = trigger.isBatch ? 1 : settings.maxConcurrentSessions;
    for (let index = 0; index < atOnce; index += 1) void this.#run();
  }

  idle(): Promise<void> {
    return this.#worker.underWay.idle();
  }

  /** Who still waits for a session is left to the end of the connection. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#sessions);
    this.#locks.stop();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const session = await this.#next();
      if (!session) continue;
      const served = this.#serve(session);
      this.#sessions.add(served);
      await served;
      this.#sessions.delete(served);
    }
  }

  async #next(): Promise<ServiceBusSessionReceiver | undefined> {
    try {
      return await nextSession(this.#parts);
    } catch (error) {
      if (this.#isStopping || codeOf(error) === NO_SESSION_CAME) return undefined;
      this.#worker.troubles.tell("cannot receive", error);
      await pause(this.#parts.settings.retry.delayMs);
      return undefined;
    }
  }

  /** Until it has been idle for long enough, or its lock is lost. */
  async #serve(session: ServiceBusSessionReceiver): Promise<void> {
    const { sessionIdleMs } = this.#parts.settings;
    const release = this.#locks.hold(session.sessionLockedUntilUtc, () => session.renewSessionLock());
    try {
      let idleMs = 0;
      while (!this.#isStopping && !session.isClosed && idleMs < sessionIdleMs) {
        const waitMs = Math.min(LOOK_MS, sessionIdleMs - idleMs);
        const came = await this.#take(session, waitMs);
        idleMs = came ? 0 : idleMs + waitMs;
      }
    } catch (error) {
      if (!this.#isStopping) this.#worker.troubles.tell("has lost a session", error);
    } finally {
      release();
      await session.close().catch(() => undefined);
    }
  }

  /** Whether anything came. */
  async #take(session: ServiceBusSessionReceiver, waitMs: number): Promise<boolean> {
    const { settings, trigger } = this.#parts;
    const messages = trigger.isBatch
      ? await receiveBatch(session, settings, waitMs, () => this.#isStopping)
      : await receiveUpTo(session, 1, waitMs);
    if (messages.length === 0) return false;
    this.#worker.troubles.over();
    await this.#worker.underWay.during(() => this.#work(session, messages));
    return true;
  }

  async #work(session: ServiceBusSessionReceiver, messages: ServiceBusReceivedMessage[]): Promise<void> {
    if (this.#isStopping) return this.#worker.giveBack(session, messages);
    if (this.#parts.trigger.isBatch) return this.#worker.batch(session, messages);
    for (const message of messages) await (await this.#worker.one(session, message)).settled;
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
