import type { PutRecord } from "../journal/records.ts";
import type { Entity } from "./entity.ts";
import { Message, type BodyLocation } from "./message.ts";

/** The message of a record, under one of the numbers it has. */
export function messageOf(record: PutRecord, sequence: number, location: BodyLocation): Message {
  const message = new Message({
    sequence,
    sessionId: record.session,
    enqueuedAt: record.at,
    ttlMs: record.ttl,
    dueAt: record.due,
    location,
  });
  message.deliveryCount = record.n ?? 0;
  message.changes = record.changes;
  message.deadLetterSource = record.source;
  if (record.deferred) message.state = "deferred";
  if (record.scheduled) message.wasScheduled = true;
  return message;
}

/** The record that tells all there is to a message. */
export const fullRecord = (entity: Entity, message: Message): PutRecord => ({
  t: "put",
  to: [[entity.path, message.sequence]],
  at: message.enqueuedAt,
  ...(message.ttlMs === undefined ? {} : { ttl: message.ttlMs }),
  ...(message.sessionId === undefined ? {} : { session: message.sessionId }),
  ...(message.dueAt === undefined ? {} : { due: message.dueAt }),
  ...(message.deliveryCount === 0 ? {} : { n: message.deliveryCount }),
  ...(message.state === "deferred" ? { deferred: true as const } : {}),
  ...(message.wasScheduled ? { scheduled: true as const } : {}),
  ...(message.changes ? { changes: message.changes } : {}),
  ...(message.deadLetterSource === undefined ? {} : { source: message.deadLetterSource }),
});
