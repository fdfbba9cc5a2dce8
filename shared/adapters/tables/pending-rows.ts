import { odata } from "@azure/data-tables";
import { parseActivationId } from "../../domain/ids.ts";
import type { ActivationStore, PendingRow } from "../../ports/activation-store.ts";
import { jsonProperties, readForeignJson } from "./json-property.ts";
import { plainKey } from "./keys.ts";
import { all, type Row, type StoredRow, type Table } from "./table.ts";

/** `pending`: partition activation id, row key of the promise; `dueAt` and `kind` are there to be asked for. */
export const rowOfPending = ({ activationId, key, ...content }: PendingRow): Row => ({
  partitionKey: activationId,
  rowKey: plainKey(key),
  kind: content.body.kind,
  dueAt: content.dueAt,
  ...jsonProperties("json", content),
});

/** What cannot be read is as good as absent: one bad row must not keep the sweeper from all the others. */
export const pendingOfRows = (rows: readonly StoredRow[]): readonly PendingRow[] =>
  rows.map(pendingOfRow).filter((row) => row !== undefined);

function pendingOfRow(row: StoredRow): PendingRow | undefined {
  const activationId = parseActivationId(row.partitionKey);
  const content = readForeignJson(row, "json") as Partial<PendingRow> | null | undefined;
  if (!activationId || !content) return undefined;
  const { createdAt, dueAt, body } = content;
  if (typeof createdAt !== "string" || typeof dueAt !== "string") return undefined;
  if (typeof body?.kind !== "string" || body.kind !== row["kind"]) return undefined;
  return { activationId, key: row.rowKey, createdAt, dueAt, body };
}

export const pendingMethods = (
  pending: Table,
): Pick<ActivationStore, "ask" | "postpone" | "settle" | "waiting" | "due" | "watched"> => ({
  ask: async (row) => (await pending.insert(rowOfPending(row))) === undefined,
  // A row that was settled meanwhile does not come back.
  postpone: (row) => pending.replace(rowOfPending(row)),
  settle: (id, keys) => pending.remove(id, keys),
  waiting: async (id) => pendingOfRows(await pending.partition(id)),
  due: async (at) => pendingOfRows(await all(pending.query(odata`dueAt le ${at}`))),
  watched: async () => pendingOfRows(await all(pending.query(odata`kind eq ${"watch"}`))),
});
