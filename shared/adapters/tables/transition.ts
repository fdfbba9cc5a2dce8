import type { TransactionAction } from "@azure/data-tables";
import type { AuditRecord } from "../../domain/audit-event.ts";
import { isFinal } from "../../domain/activation.ts";
import type { PersonKey } from "../../domain/ids.ts";
import { plus, SECOND_MS } from "../../domain/time.ts";
import {
  ConflictError,
  type ActivationRecord,
  type PendingRow,
  type SealedRow,
  type Transition,
} from "../../ports/activation-store.ts";
import {
  loadedRow,
  rowOfSealed,
  rowOfState,
  type DoneRow,
  type LoadedRow,
  type StoredState,
  VERDICT,
} from "./activation-rows.ts";
import { appendToChain, type KeyedEvent } from "./chain-writer.ts";
import { encodeKey, newestFirstKey, plainKey, sequenceKey } from "./keys.ts";
import { rowOfPending } from "./pending-rows.ts";
import type { Tables } from "./tables.ts";

/** The worker publishes at once; the sweeper looks after what is left by then. */
const PUBLISH_WITHIN_MS = 30 * SECOND_MS;

/**
 * Everything that the new state rests on is written first, side by side; then the state, in one compare-and-set with
 * request, intent and verdicts: that write is the transition. What a crash leaves before it is found again by its key; what a
 * crash leaves after it counts as deleted already (`StoredState.done`).
 */
export async function applyTransition(
  tables: Tables,
  record: ActivationRecord,
  transition: Transition,
): Promise<ActivationRecord> {
  if (record.row && isFinal(record.row.state))
    throw new Error(`activation ${record.id} is ${record.row.state.status}: "${transition.key}" cannot change it`);
  plainKey(transition.key);
  const pending = (transition.pending ?? []).map(rowOfPending);
  const writes = [
    appendEvents(tables, record, transition),
    tables.pending.put(pending),
    list(tables, record, transition),
    count(tables, record, transition),
  ] as const;
  // Nothing may still be under way when this call fails, or a second try would run beside it.
  await Promise.allSettled(writes);
  const [{ stored, written }] = await Promise.all(writes);
  const done = doneRows(record, transition);
  const countedFor = transition.countedFor ?? countedBefore(record);
  const state: StoredState = { state: transition.state, ...stored, done, countedFor };
  const etag = await compareAndSet(tables, record, transition, state);
  const doneKeys = new Set([...done.map(({ key }) => key), ...(transition.done ?? [])]);
  await Promise.all([
    tables.pending.remove(record.id, [...doneKeys]),
    ...(isFinal(transition.state)
      ? countedFor.map((name) => tables.activations.remove(openPartition(name), [record.id]))
      : []),
  ]);
  return afterwards(
    record,
    transition,
    { ...loadedRow(etag, state), written: [...(record.row?.written ?? []), ...written] },
    doneKeys,
  );
}

/** With a row that says from where on the chain is news. Two transitions that race from one place name the same. */
export function announced(record: ActivationRecord, transition: Transition): Transition {
  const [first] = transition.events;
  if (!first) return transition;
  const from = (record.row?.chain.sequence ?? 0) + 1;
  const row: PendingRow = {
    activationId: record.id,
    key: `publish-${sequenceKey(from)}`,
    createdAt: first.at,
    dueAt: plus(first.at, PUBLISH_WITHIN_MS),
    body: { kind: "publish", from, attempts: 0 },
  };
  return { ...transition, pending: [...(transition.pending ?? []), row] };
}

async function appendEvents(
  tables: Tables,
  record: ActivationRecord,
  { key, events }: Transition,
): Promise<{ readonly stored: Pick<StoredState, "chain" | "orphans">; readonly written: readonly AuditRecord[] }> {
  const keyed = events.map((event, index): KeyedEvent => ({ key: index === 0 ? key : `${key}-${index + 1}`, event }));
  const earlier = record.row?.orphans ?? [];
  const { head, written, found } = await appendToChain(
    tables.audit,
    record.id,
    record.row?.chain,
    keyed.filter((event) => !earlier.includes(event.key)),
    () => refuseIfChanged(tables, record),
  );
  const own = new Set(keyed.map((event) => event.key));
  const orphans = [...earlier, ...found.map((link) => link.key)].filter((candidate) => !own.has(candidate));
  return { stored: { chain: head, orphans }, written };
}

/** Somebody else's record stands where ours should: their transition may be through, and then ours is not to be told. */
async function refuseIfChanged(tables: Tables, record: ActivationRecord): Promise<void> {
  const stored = await tables.activations.get(record.id, "state");
  if (stored?.etag !== record.row?.etag) throw changedMeanwhile(record);
}

/** The key is made of the claim's time, so listing twice gives one row. */
async function list(tables: Tables, { id, claim }: ActivationRecord, { listedFor = [] }: Transition): Promise<void> {
  const rowKey = `${newestFirstKey(claim.claimedAt)}-${id}`;
  await Promise.all(
    [...new Set(listedFor)].map((person) =>
      tables.activations.put([{ partitionKey: personPartition(person), rowKey, activationId: id }]),
    ),
  );
}

export const personPartition = (person: PersonKey): string => `person-${encodeKey(person)}`;

async function count(tables: Tables, { id }: ActivationRecord, { countedFor = [], state }: Transition): Promise<void> {
  if (isFinal(state)) return;
  await Promise.all(
    countedFor.map((name) =>
      tables.activations.put([{ partitionKey: openPartition(name), rowKey: id, activationId: id }]),
    ),
  );
}

const countedBefore = ({ row }: ActivationRecord): readonly string[] => {
  const loaded: Partial<LoadedRow> | undefined = row;
  return loaded?.countedFor ?? [];
};

export const openPartition = (name: string): string => `open-${encodeKey(name)}`;

function doneRows({ row, pending }: ActivationRecord, transition: Transition): readonly DoneRow[] {
  const put = transition.pending ?? [];
  const loaded: Partial<LoadedRow> | undefined = row;
  const leftovers = (loaded?.leftovers ?? []).filter(({ key }) => !put.some((replaced) => replaced.key === key));
  const named = [...put, ...pending].filter(({ key }) => transition.done?.includes(key));
  return [...leftovers, ...named].map(({ key, createdAt }) => ({ key, createdAt }));
}

async function compareAndSet(
  tables: Tables,
  record: ActivationRecord,
  { request, intent, verdicts = [] }: Transition,
  state: StoredState,
): Promise<string> {
  const writer = crypto.randomUUID();
  const row = rowOfState(record.id, state, writer);
  const actions: TransactionAction[] = [
    record.row ? ["update", row, "Replace", { etag: record.row.etag }] : ["create", row],
  ];
  if (request) actions.push(["create", rowOfSealed(record.id, `request-${request.revision}`, request)]);
  if (intent) actions.push(["create", rowOfSealed(record.id, `intent-${intent.attempt}`, intent)]);
  // Put, not inserted: a forged row in its place must not keep a true one out.
  for (const verdict of verdicts)
    actions.push(["upsert", rowOfSealed(record.id, `${VERDICT}${verdict.key}`, verdict), "Replace"]);
  const etag = await tables.activations.transact(actions);
  if (etag !== undefined) return etag;
  // The SDK repeats a write whose answer got lost, and then meets itself.
  const stored = await tables.activations.get(record.id, "state");
  if (stored?.["writer"] !== writer) throw changedMeanwhile(record);
  return stored.etag;
}

const changedMeanwhile = ({ id }: ActivationRecord): ConflictError =>
  new ConflictError(`[Conflict] activation ${id} was changed meanwhile`);

/** What `load` would answer now. */
function afterwards(
  record: ActivationRecord,
  { request, intent, verdicts = [], pending = [] }: Transition,
  row: LoadedRow,
  done: ReadonlySet<string>,
): ActivationRecord {
  const sealed = ({ body, mac }: SealedRow): SealedRow => ({ body, mac });
  const isNew = ({ body, mac }: SealedRow): boolean =>
    !record.verdicts.some((known) => known.body === body && known.mac === mac);
  const kept = record.pending.filter(({ key }) => !pending.some((replaced) => replaced.key === key));
  return {
    ...record,
    row,
    requests: request ? [...record.requests, sealed(request)] : record.requests,
    intents: intent ? [...record.intents, sealed(intent)] : record.intents,
    verdicts: [...record.verdicts, ...verdicts.map(sealed).filter(isNew)],
    pending: [...kept, ...pending].filter(({ key }) => !done.has(key)).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  };
}
