import { odata } from "@azure/data-tables";
import { parseActivationId, type ActivationId, type PersonKey } from "../../domain/ids.ts";
import type { ActivationStore } from "../../ports/activation-store.ts";
import { loadActivation, outlineActivation } from "./activation-rows.ts";
import { claimMethods } from "./claims.ts";
import { pendingMethods } from "./pending-rows.ts";
import type { Tables } from "./tables.ts";
import { announced, applyTransition, openPartition, personPartition } from "./transition.ts";

/** Activations over Azure Table Storage; with `publishes` every transition leaves word of its records.  The caller has run `tables.ensureTables()`. @throws DependencyError */
export const createActivationStore = (
  tables: Tables,
  { publishes }: { readonly publishes: boolean } = { publishes: false },
): ActivationStore => ({
  ...claimMethods(tables),
  ...pendingMethods(tables.pending),
  load: (id) => loadActivation(tables, id),
  outline: (id) => outlineActivation(tables, id),
  transition: (record, transition) =>
    applyTransition(tables, record, publishes ? announced(record, transition) : transition),
  openFor: async (name) =>
    (await tables.activations.partition(openPartition(name)))
      .map(({ rowKey }) => parseActivationId(rowKey))
      .filter((id) => id !== undefined),
  listFor: (person, limit) => listFor(tables, person, limit),
});

async function listFor(tables: Tables, person: PersonKey, limit: number): Promise<readonly ActivationId[]> {
  const ids: ActivationId[] = [];
  if (limit < 1) return ids;
  for await (const row of tables.activations.query(odata`PartitionKey eq ${personPartition(person)}`)) {
    const id = parseActivationId(row.rowKey.slice(row.rowKey.indexOf("-") + 1));
    if (id) ids.push(id);
    if (ids.length >= limit) break;
  }
  return ids;
}
