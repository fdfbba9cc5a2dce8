import { odata } from "@azure/data-tables";
import { parseActivationId, type ActivationId } from "../../domain/ids.ts";
import type { ActivationStore, PendingRow } from "../../ports/activation-store.ts";
import { jsonProperties, readJson } from "./json-property.ts";
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

export const pendingOfRow = (row: StoredRow): PendingRow => ({
  ...(readJson(row, "json") as Omit<PendingRow, "activationId" | "key">),
  activationId: activationIdOf(row),
  key: row.rowKey,
});

export const pendingMethods = (
  pending: Table,
): Pick<ActivationStore, "ask" | "postpone" | "settle" | "due" | "watched"> => ({
  ask: async (row) => (await pending.insert(rowOfPending(row))) === undefined,
  // A row that was settled meanwhile does not come back.
  postpone: (row) => pending.replace(rowOfPending(row)),
  settle: (id, keys) => pending.remove(id, keys),
  due: async (at) => (await all(pending.query(odata`dueAt le ${at}`))).map(pendingOfRow),
  watched: async () => (await all(pending.query(odata`kind eq ${"watch"}`))).map(pendingOfRow),
});

function activationIdOf(row: StoredRow): ActivationId {
  const id = parseActivationId(row.partitionKey);
  if (!id) throw new Error(`pending row of no activation: ${row.partitionKey}/${row.rowKey}`);
  return id;
}
