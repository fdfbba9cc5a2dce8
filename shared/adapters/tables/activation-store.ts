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
  listFor: async (person, limit) => idsOf(await newestRows(tables, person, limit)),
  newestFor: (persons, limit) => newestFor(tables, persons, limit),
});

const AT_ONCE = 20;

async function newestFor(
  tables: Tables,
  persons: readonly PersonKey[],
  limit: number,
): Promise<readonly ActivationId[]> {
  let newest: readonly string[] = [];
  for (let from = 0; from < persons.length; from += AT_ONCE) {
    const some = persons.slice(from, from + AT_ONCE).map((person) => newestRows(tables, person, limit));
    newest = [...new Set([...newest, ...(await Promise.all(some)).flat()])].toSorted().slice(0, limit);
  }
  return idsOf(newest);
}

/** Row keys of a person's list: the time, newest first, and the id; so over all persons their order is that of time. */
async function newestRows(tables: Tables, person: PersonKey, limit: number): Promise<readonly string[]> {
  const keys: string[] = [];
  if (limit < 1) return keys;
  for await (const { rowKey } of tables.activations.query(odata`PartitionKey eq ${personPartition(person)}`)) {
    if (idOf(rowKey)) keys.push(rowKey);
    if (keys.length >= limit) break;
  }
  return keys;
}

const idOf = (rowKey: string): ActivationId | undefined => parseActivationId(rowKey.slice(rowKey.indexOf("-") + 1));

const idsOf = (rowKeys: readonly string[]): readonly ActivationId[] =>
  rowKeys.map(idOf).filter((id) => id !== undefined);
