import { odata } from "@azure/data-tables";
import { parseActivationId } from "../../domain/ids.ts";
import type { Change, ChangeId, ChangeItem, ChangeState } from "../../domain/change.ts";
import { subjectOf, type ChangeStore } from "../../ports/change-store.ts";
import { rowOfSealed, sealedOfRow } from "./activation-rows.ts";
import { jsonProperties, readForeignJson, readJson } from "./json-property.ts";
import { encodeKey, newestFirstKey, sequenceKey } from "./keys.ts";
import { all, type Row } from "./table.ts";
import type { Tables } from "./tables.ts";

const VERDICT = "verdict-";
const ITEM = "item-";
const PROGRESS = "progress-";

/**
 * `changes`: partition change id with the rows `change`, `state`, `frozen`, `verdict-…`, `item-…`, `progress-…`; beside
 * them what changes are about (`about-…`) and one row per lock. @throws DependencyError
 */
export function createChangeStore({ changes }: Pick<Tables, "changes">): ChangeStore {
  const numbered = (id: ChangeId, prefix: string) =>
    all(changes.query(odata`PartitionKey eq ${id} and RowKey ge ${prefix} and RowKey lt ${`${prefix}~`}`));

  return {
    ask: async (change, items) => {
      const { id, askedAt } = change;
      await changes.put(
        items.map((item, index) => ({
          partitionKey: id,
          rowKey: `${ITEM}${sequenceKey(index + 1)}`,
          ...jsonProperties("json", item),
        })),
      );
      await changes.insert({ partitionKey: id, rowKey: "change", ...jsonProperties("json", change) });
      await changes.insert({
        partitionKey: aboutPartition(subjectOf(change)),
        rowKey: `${newestFirstKey(askedAt)}-${id}`,
      });
    },
    load: async (id) => {
      const keys = odata`PartitionKey eq ${id} and (RowKey lt ${ITEM} or RowKey ge ${"q"})`;
      const rows = await all(changes.query(keys));
      const asked = rows.find(({ rowKey }) => rowKey === "change");
      const change = asked && (readForeignJson(asked, "json") as Change | undefined);
      if (change?.id !== id) return undefined;
      const state = rows.find(({ rowKey }) => rowKey === "state");
      const frozen = rows.find(({ rowKey }) => rowKey === "frozen");
      return {
        change,
        row: state && { state: readJson(state, "json") as ChangeState, etag: state.etag },
        frozen: frozen && sealedOfRow(frozen),
        verdicts: rows.filter(({ rowKey }) => rowKey.startsWith(VERDICT)).map(sealedOfRow),
      };
    },
    putState: async (id, state, etag) => {
      const row: Row = { partitionKey: id, rowKey: "state", ...jsonProperties("json", state) };
      if (etag === undefined) return (await changes.insert(row)) === undefined;
      return (await changes.transact([["update", row, "Replace", { etag }]])) !== undefined;
    },
    // Put, not inserted: a forged row in its place must not keep a true one out.
    freeze: (id, frozen) => changes.put([rowOfSealed(id, "frozen", frozen)]),
    keepVerdict: (id, key, verdict) => changes.put([rowOfSealed(id, `${VERDICT}${key}`, verdict)]),
    items: async (id) => (await numbered(id, ITEM)).map((row) => readForeignJson(row, "json") as ChangeItem),
    progress: async (id, n) => {
      const row = await changes.get(id, `${PROGRESS}${sequenceKey(n)}`);
      return row && sealedOfRow(row);
    },
    allProgress: async (id) => (await numbered(id, PROGRESS)).map(sealedOfRow),
    putProgress: (id, rows) =>
      changes.put(rows.map(({ n, ...sealed }) => rowOfSealed(id, `${PROGRESS}${sequenceKey(n)}`, sealed))),
    about: async (subject) =>
      (await changes.partition(aboutPartition(subject))).flatMap(({ rowKey }) => {
        const id = parseActivationId(rowKey.split("-")[1] ?? "");
        return id ? [id] : [];
      }),
    lock: async (name, id) => {
      const taken = await changes.insert({ partitionKey: "lock", rowKey: encodeKey(name), holder: id });
      return taken ? (parseActivationId(String(taken["holder"])) ?? id) : id;
    },
    unlock: async (name, id) => {
      const row = await changes.get("lock", encodeKey(name));
      if (row?.["holder"] === id) await changes.removeUnchanged(row);
    },
  };
}

const aboutPartition = (subject: string): string => `about-${encodeKey(subject)}`;
