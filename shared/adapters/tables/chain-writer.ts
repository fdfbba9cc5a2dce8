import { odata, type TransactionAction } from "@azure/data-tables";
import { CHAIN_START, chainRecord } from "../../crypto/audit-chain.ts";
import type { AuditEvent, AuditRecord } from "../../domain/audit-event.ts";
import type { ChainHead } from "../../ports/activation-store.ts";
import { jsonProperties } from "./json-property.ts";
import { encodeKey, sequenceKey, sequenceOf } from "./keys.ts";
import { all, type Row, type StoredRow, type Table } from "./table.ts";

export interface KeyedEvent {
  readonly key: string;
  readonly event: AuditEvent;
}

/** A record as far as the next one needs it. */
export interface ChainLink extends ChainHead {
  readonly key: string;
}

const MOST_TRIES = 20;

/**
 * Writes the events at the end of a subject's chain, all of one call together. Where the place after the head is taken,
 * the records there are read first: one with the key of an event is that event, from an earlier try; others are passed
 * on in `found` and the chain goes on behind them. A record is never replaced.
 */
export async function appendToChain(
  audit: Table,
  subject: string,
  start: ChainHead | undefined,
  events: readonly KeyedEvent[],
  onCollision: () => Promise<unknown> = () => Promise.resolve(),
): Promise<{
  readonly head: ChainHead;
  readonly written: readonly AuditRecord[];
  readonly found: readonly ChainLink[];
}> {
  let head = start ?? { sequence: 0, hash: CHAIN_START };
  const found: ChainLink[] = [];
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const missing = events.filter(({ key }) => !found.some((link) => link.key === key));
    const records = linked(subject, missing, head);
    const last = records.at(-1);
    if (!last) return { head, written: [], found };
    if ((await audit.transact(records.map(insertion))) !== undefined)
      return { head: { sequence: last.sequence, hash: last.hash }, written: records, found };
    const [tail] = await Promise.all([readLinks(audit, subject, head.sequence), onCollision()]);
    found.push(...tail);
    const end = tail.at(-1);
    if (end) head = { sequence: end.sequence, hash: end.hash };
  }
  throw new Error(`the audit chain of ${subject} grows faster than it can be written`);
}

/**
 * What stands in the chain after a number. What does not link up is passed on too: `zs audit verify` names it. A row in no
 * place of a chain is left out, or nothing could be written behind it.
 */
export async function readLinks(audit: Table, subject: string, after: number): Promise<readonly ChainLink[]> {
  const partition = encodeKey(subject);
  const filter = odata`PartitionKey eq ${partition} and RowKey gt ${sequenceKey(after)}`;
  const rows = await all(audit.query(filter, ["PartitionKey", "RowKey", "key", "hash"]));
  return rows.flatMap(linkOf);
}

function linkOf(row: StoredRow): readonly ChainLink[] {
  const sequence = sequenceOf(row.rowKey);
  return sequence === undefined ? [] : [{ sequence, hash: String(row["hash"]), key: String(row["key"]) }];
}

function linked(subject: string, events: readonly KeyedEvent[], start: ChainHead): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  for (const { key, event } of events) records.push(chainRecord(subject, key, event, records.at(-1) ?? start));
  return records;
}

const insertion = (record: AuditRecord): TransactionAction => ["create", rowOf(record)];

const rowOf = (record: AuditRecord): Row => ({
  partitionKey: encodeKey(record.subject),
  rowKey: sequenceKey(record.sequence),
  key: record.key,
  type: record.type,
  at: record.at,
  hash: record.hash,
  ...jsonProperties("record", record),
});
