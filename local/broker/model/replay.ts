import type { JournalRecord, MoveRecord, PutRecord } from "../journal/records.ts";
import type { Entity } from "./entity.ts";
import { Message, type BodyLocation } from "./message.ts";
import { messageOf } from "./put-records.ts";
import type { DuplicateHistory } from "./duplicates.ts";

type ByPath<T> = (path: string) => T | undefined;

/** What a journal is replayed into; records of entities that are no longer there tell nothing. */
interface Stock {
  readonly stored: ByPath<Entity>;
  readonly target: ByPath<{ readonly history: DuplicateHistory | undefined }>;
}

/** Applies one record of a journal. */
export function replay(record: JournalRecord, location: BodyLocation, bytes: Buffer, stock: Stock): void {
  switch (record.t) {
    case "put": {
      replayPut(record, location, stock);
      return;
    }
    case "move": {
      replayMove(record, stock);
      return;
    }
    case "session":
      return stock.stored(record.q)?.setSessionState(record.id, record.set ? Buffer.from(bytes) : undefined);
    case "seen":
      return void stock.target(record.q)?.history?.admit(record.id, record.at);
    case "next": {
      const entity = stock.stored(record.q);
      if (entity) entity.nextSequence = Math.max(entity.nextSequence, record.n);
      return;
    }
    default: {
      replayChange(record, stock);
      return;
    }
  }
}

/** Puts a message where its record says. */
export function putAll(record: PutRecord, location: BodyLocation, stored: ByPath<Entity>): void {
  for (const [path, sequence] of record.to) stored(path)?.put(messageOf(record, sequence, location));
}

/** Puts a message that has left its entity where the record of its move says. */
export function arrive(record: MoveRecord, message: Message, stored: ByPath<Entity>): void {
  const { sessionId, ttlMs, location } = message;
  for (const [path, sequence] of record.to) {
    const arrived = new Message({ sequence, sessionId, enqueuedAt: record.at, ttlMs, dueAt: undefined, location });
    arrived.deliveryCount = record.n;
    arrived.changes = record.changes;
    arrived.deadLetterSource = record.source;
    arrived.wasScheduled = message.wasScheduled;
    stored(path)?.put(arrived);
  }
}

function replayPut(record: PutRecord, location: BodyLocation, { stored, target }: Stock): void {
  putAll(record, location, stored);
  if (record.id === undefined) return;
  for (const path of record.noted ?? []) target(path)?.history?.admit(record.id, record.at);
}

function replayMove(record: MoveRecord, { stored }: Stock): void {
  const from = stored(record.q);
  const message = from?.messages.get(record.s);
  if (!from || !message) return;
  from.remove(message);
  arrive(record, message, stored);
}

function replayChange(
  record: Exclude<JournalRecord, { t: "put" | "move" | "session" | "seen" | "next" }>,
  { stored }: Stock,
): void {
  const entity = stored(record.q);
  const message = entity?.messages.get(record.s);
  if (!entity || !message) return;
  switch (record.t) {
    case "del": {
      entity.remove(message);
      return;
    }
    case "due": {
      entity.comeDue(message, record.n, record.at);
      return;
    }
    case "count":
      message.deliveryCount = record.n;
      message.changes = record.changes;
      return;
    case "defer":
      message.state = "deferred";
      message.changes = record.changes;
      return;
  }
}
