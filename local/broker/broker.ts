import { mkdirSync } from "node:fs";
import { tokenSource } from "./lock-tokens.ts";
import { factsOf } from "./codec/ingest.ts";
import { decodeStored } from "./codec/stored.ts";
import { Journal } from "./journal/journal.ts";
import type { Entity } from "./model/entity.ts";
import type { IncomingMessage } from "./model/incoming.ts";
import type { Message } from "./model/message.ts";
import { Namespace, type SendTarget } from "./model/namespace.ts";
import type { NamespaceSettings } from "./model/settings.ts";

export interface BrokerOptions {
  readonly settings: NamespaceSettings;
  readonly directory: string;
  /** The disk refused: whatever is not acknowledged by now never will be. */
  readonly failed: (error: Error) => void;
  readonly compactFromBytes?: number;
}

/** How long a timer may sleep at most: longer ones overflow. */
const LONGEST_SLEEP_MS = 3_600_000;

/** The entities with their journal and the clock: everything of a broker but its protocol. */
export class Broker {
  readonly namespace: Namespace;
  readonly journal: Journal;
  readonly #waiting = new Map<Entity, Set<() => void>>();
  #alarm: NodeJS.Timeout | undefined;
  #alarmAt = Infinity;
  /** Called whenever time has passed. */
  readonly onTick = new Set<(now: number) => void>();

  constructor({ settings, directory, failed, compactFromBytes }: BrokerOptions) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.namespace = new Namespace(settings, {
      record: (record, bytes, written) => this.journal.append(record, bytes, written),
      token: tokenSource(),
      ready: (entity) => this.#announce(entity),
      facts: (location) => factsOf(decodeStored(this.journal.read(location)).bare),
    });
    this.journal = new Journal(directory, {
      snapshot: () => this.namespace.snapshot(Date.now()),
      liveBytes: () => sum(this.namespace.entities.values(), ({ bytes }) => bytes),
      failed,
      ...(compactFromBytes === undefined ? {} : { compactFromBytes }),
    });
  }

  /** Brings back what was there. Answers how many bytes of an unfinished write were cut off. */
  open(): number {
    const cutBytes = this.journal.open((record, location, bytes) => this.namespace.replay(record, location, bytes));
    this.tick();
    return cutBytes;
  }

  async close(): Promise<void> {
    clearTimeout(this.#alarm);
    await this.journal.close();
  }

  /** Sends messages, all of them or none. Answers their numbers once they are durable; 0 stands for a duplicate. */
  async send(target: SendTarget, messages: readonly IncomingMessage[]): Promise<number[]> {
    const now = Date.now();
    const numbers = messages.map((message) => this.namespace.send(target, message, now));
    await this.journal.durable();
    return numbers;
  }

  bodyOf(message: Message): Buffer {
    return this.journal.read(message.location);
  }

  /** Calls `listener` when something may be ready in an entity. Answers how to stop that. */
  whenReady(entity: Entity, listener: () => void): () => void {
    const listeners = this.#waiting.get(entity) ?? new Set();
    this.#waiting.set(entity, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Lets everything happen that is due by now; answers whether anything was. */
  tick(): boolean {
    const now = Date.now();
    const wasDue = this.#nextDueAt() <= now;
    for (const entity of this.namespace.entities.values()) entity.tick(now);
    for (const listener of this.onTick) listener(now);
    this.#alarmAt = Infinity;
    this.watch();
    return wasDue;
  }

  /** Sets the alarm for what is due next. To be called when a lock was given or a message came in. */
  watch(): void {
    const dueAt = this.#nextDueAt();
    if (dueAt >= this.#alarmAt) return;
    clearTimeout(this.#alarm);
    this.#alarmAt = dueAt;
    const sleepMs = Math.min(Math.max(dueAt - Date.now(), 1), LONGEST_SLEEP_MS);
    this.#alarm = setTimeout(() => this.tick(), sleepMs).unref();
  }

  #nextDueAt(): number {
    let dueAt = Infinity;
    for (const entity of this.namespace.entities.values()) dueAt = Math.min(dueAt, entity.nextDueAt());
    return dueAt;
  }

  #announce(entity: Entity): void {
    for (const listener of this.#waiting.get(entity) ?? []) listener();
  }
}

function sum<T>(items: Iterable<T>, of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
