import type { AuditEvent, AuditRecord } from "../domain/audit-event.ts";
import { digestOf } from "./digest.ts";

export const CHAIN_START = "0".repeat(64);

/** The next record of a subject's chain. */
export function chainRecord(
  subject: string,
  key: string,
  event: AuditEvent,
  head: { readonly sequence: number; readonly hash: string } | undefined,
): AuditRecord {
  const body = {
    version: 1 as const,
    subject,
    sequence: (head?.sequence ?? 0) + 1,
    key,
    ...event,
    previous: head?.hash ?? CHAIN_START,
  };
  return { ...body, hash: digestOf(body) };
}

/** What is wrong with a record that should follow `before`; `undefined` when nothing is. */
export function recordProblem(record: AuditRecord, before: AuditRecord | undefined): string | undefined {
  const { hash, ...body } = record;
  if (digestOf(body) !== hash) return "its content does not match its hash";
  if (before === undefined) {
    if (record.sequence !== 1) return `the records before number ${record.sequence} are missing`;
    return record.previous === CHAIN_START ? undefined : "the first record names a predecessor";
  }
  if (record.sequence === before.sequence) return `there are two records with number ${record.sequence}`;
  if (record.sequence !== before.sequence + 1) return `number ${before.sequence + 1} is missing or out of order`;
  return record.previous === before.hash
    ? undefined
    : `it does not follow the record before it (number ${before.sequence})`;
}
