import { odata } from "@azure/data-tables";
import type { AuditEvent, AuditRecord } from "../../domain/audit-event.ts";
import type { ChainEnd } from "../../domain/checkpoint.ts";
import type { AuditLog } from "../../ports/audit-log.ts";
import type { ChainHead } from "../../ports/activation-store.ts";
import { appendToChain, readLinks, type ChainLink } from "./chain-writer.ts";
import { readJson } from "./json-property.ts";
import { decodeKey, encodeKey, isKeyed, sequenceKey, sequenceOf } from "./keys.ts";
import type { StoredRow, Table } from "./table.ts";
import type { Tables } from "./tables.ts";

/** What this process knows of a chain; behind by what others wrote since, which the next collision shows. */
interface KnownChain {
  head: ChainHead | undefined;
  readonly sequences: Map<string, number>;
}

/** The audit trail over Azure Table Storage. @throws DependencyError */
export function createAuditLog(tables: Pick<Tables, "audit">): AuditLog {
  const { audit } = tables;
  const chains = new Map<string, Promise<KnownChain>>();

  /** Appends of one process to one chain wait for each other; a failed one makes the next read the chain anew. */
  const append = async (subject: string, key: string, event: AuditEvent): Promise<AuditRecord> => {
    const before = chains.get(subject)?.catch(() => undefined) ?? Promise.resolve(undefined);
    const turn = before.then(async (known) =>
      appendTo(audit, subject, known ?? (await readChain(audit, subject)), key, event),
    );
    chains.set(
      subject,
      turn.then(({ chain }) => chain),
    );
    return (await turn).record;
  };

  return {
    append,
    read: (range) => readRecords(audit, range),
    chain: (...part) => readChainPart(audit, ...part),
    heads: () => readHeads(audit),
  };
}

async function readChain(audit: Table, subject: string): Promise<KnownChain> {
  return extended({ head: undefined, sequences: new Map() }, await readLinks(audit, subject, 0));
}

async function appendTo(
  audit: Table,
  subject: string,
  chain: KnownChain,
  key: string,
  event: AuditEvent,
): Promise<{ readonly chain: KnownChain; readonly record: AuditRecord }> {
  const known = chain.sequences.get(key);
  if (known !== undefined) return { chain, record: await readRecord(audit, subject, known) };
  const { head, written, found } = await appendToChain(audit, subject, chain.head, [{ key, event }]);
  const next = extended(chain, found);
  const [record] = written;
  if (!record) return { chain: next, record: await readRecord(audit, subject, next.sequences.get(key) ?? 0) };
  return { chain: extended(next, [{ ...head, key }]), record };
}

function extended({ head, sequences }: KnownChain, links: readonly ChainLink[]): KnownChain {
  for (const { key, sequence } of links) sequences.set(key, sequence);
  const last = links.at(-1);
  return { head: last ? { sequence: last.sequence, hash: last.hash } : head, sequences };
}

async function readRecord(audit: Table, subject: string, sequence: number): Promise<AuditRecord> {
  const row = await audit.get(encodeKey(subject), sequenceKey(sequence));
  if (!row) throw new Error(`audit record ${sequence} of ${subject} vanished`);
  return recordOfRow(row);
}

/** The service answers in the order of partition and row keys: by subject, then by sequence. */
async function* readRecords(audit: Table, range: Parameters<AuditLog["read"]>[0]): AsyncGenerator<AuditRecord> {
  const filters = [
    range.subject !== undefined && odata`PartitionKey eq ${encodeKey(range.subject)}`,
    range.from !== undefined && odata`at ge ${range.from}`,
    range.to !== undefined && odata`at le ${range.to}`,
  ].filter((filter) => filter !== false);
  for await (const row of audit.query(filters.join(" and "))) yield recordOfRow(row);
}

/** A subject that no key can hold, which only a planted checkpoint can name, has no records. */
async function* readChainPart(audit: Table, subject: string, after: number, to: number): AsyncGenerator<AuditRecord> {
  if (!isKeyed(subject)) return;
  const place = odata`PartitionKey eq ${encodeKey(subject)} and RowKey gt ${sequenceKey(after)}`;
  for await (const row of audit.query(`${place} and ${odata`RowKey le ${sequenceKey(to)}`}`)) yield recordOfRow(row);
}

/** The last row of every partition. Keys and hashes only: a page holds a thousand of them. */
async function* readHeads(audit: Table): AsyncGenerator<ChainEnd> {
  let last: StoredRow | undefined;
  for await (const row of audit.query("", ["PartitionKey", "RowKey", "hash"])) {
    if (sequenceOf(row.rowKey) === undefined) continue; // no place in a chain
    if (last && last.partitionKey !== row.partitionKey && isSubject(last.partitionKey)) yield endOf(last);
    last = row;
  }
  if (last && isSubject(last.partitionKey)) yield endOf(last);
}

/** Other spellings of a key name the same subject: a row there would pass for the end of its chain. */
function isSubject(key: string): boolean {
  const subject = decodeKey(key);
  return isKeyed(subject) && encodeKey(subject) === key;
}

const endOf = ({ partitionKey, rowKey, ...row }: StoredRow): ChainEnd => {
  const hash = String(row["hash"]);
  return {
    subject: decodeKey(partitionKey),
    sequence: Number(rowKey),
    hash: /^[0-9a-f]{64}$/.test(hash) ? hash : "",
  };
};

/** A row that is no record of its place must not hide the others: it is passed on as one whose hash is wrong. */
function recordOfRow(row: StoredRow): AuditRecord {
  try {
    const record = readJson(row, "record") as AuditRecord;
    if (encodeKey(record.subject) === row.partitionKey && sequenceKey(record.sequence) === row.rowKey) return record;
  } catch {
    // Not even JSON, or not the members of a record: see below.
  }
  return {
    version: 1,
    subject: row.partitionKey,
    sequence: Number(row.rowKey),
    key: "unreadable",
    type: "TamperingFound",
    at: String(row["timestamp"]),
    actor: { kind: "system", part: "worker" },
    data: {},
    previous: "",
    hash: "",
  };
}
