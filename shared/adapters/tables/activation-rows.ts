import type { ActivationId } from "../../domain/ids.ts";
import type {
  ActivationOutline,
  ActivationRecord,
  PendingRow,
  SealedRow,
  StateRow,
} from "../../ports/activation-store.ts";
import { claimOfRow } from "./claims.ts";
import { jsonProperties, readForeignJson, readJson } from "./json-property.ts";
import { plainKey } from "./keys.ts";
import { pendingOfRows } from "./pending-rows.ts";
import type { Row, StoredRow } from "./table.ts";
import type { Tables } from "./tables.ts";

/** A pending row that a transition did away with; the time tells it from a later one with the same key. */
export interface DoneRow {
  readonly key: string;
  readonly createdAt: string;
}

/** The state row's content beside the ETag. */
export interface StoredState extends Omit<StateRow, "etag"> {
  /** What the last transition did away with: it counts as gone although its deletion may still be due. */
  readonly done: readonly DoneRow[];
  /** Where it counts as open. */
  readonly countedFor?: readonly string[] | undefined;
}

/** What `load` remembers for the next transition. */
export interface LoadedRow extends StateRow {
  /** Rows that are done and were not deleted because of a crash. */
  readonly leftovers?: readonly DoneRow[];
  readonly countedFor: readonly string[];
}

/** Row key of a verdict, before its own key. */
export const VERDICT = "verdict-";

export async function loadActivation(tables: Tables, id: ActivationId): Promise<ActivationRecord | undefined> {
  const [rows, promises] = await Promise.all([tables.activations.partition(id), tables.pending.partition(id)]);
  const outline = outlineOf(id, rows);
  if (!outline) return undefined;
  const state = storedState(rows);
  const pending = pendingOfRows(promises);
  const leftovers = pending.filter((row) => isDone(row, state));
  return {
    ...outline,
    row: outline.row && { ...outline.row, ...(leftovers.length > 0 && { leftovers }) },
    pending: pending.filter((row) => !leftovers.includes(row)),
  };
}

export const outlineActivation = async (
  { activations }: Pick<Tables, "activations">,
  id: ActivationId,
): Promise<ActivationOutline | undefined> => outlineOf(id, await activations.partition(id));

function outlineOf(id: ActivationId, rows: readonly StoredRow[]): ActivationOutline | undefined {
  const claim = rows.find(({ rowKey }) => rowKey === "claim");
  const stored = rows.find(({ rowKey }) => rowKey === "state");
  return (
    claim && {
      id,
      claim: claimOfRow(claim),
      row: stored && loadedRow(stored.etag, stateOfRow(stored)),
      requests: numbered(rows, "request-"),
      intents: numbered(rows, "intent-"),
      verdicts: rows.filter(({ rowKey }) => rowKey.startsWith(VERDICT)).map(sealedOfRow),
    }
  );
}

const storedState = (rows: readonly StoredRow[]): StoredState | undefined => {
  const stored = rows.find(({ rowKey }) => rowKey === "state");
  return stored && stateOfRow(stored);
};

export const loadedRow = (etag: string, { state, chain, orphans, countedFor = [] }: StoredState): LoadedRow => ({
  state,
  etag,
  chain,
  orphans,
  countedFor,
});

const isDone = (row: PendingRow, state: StoredState | undefined): boolean =>
  state?.done.some(({ key, createdAt }) => key === row.key && createdAt === row.createdAt) ?? false;

const stateOfRow = (row: StoredRow): StoredState => readJson(row, "json") as StoredState;

export const rowOfState = (id: ActivationId, state: StoredState, writer: string): Row => ({
  partitionKey: id,
  rowKey: "state",
  status: state.state.status,
  writer,
  ...jsonProperties("json", state),
});

/** Body and MAC of one number: `request-2`, or of one key. */
export const rowOfSealed = (id: string, key: string, { body, mac }: SealedRow): Row => ({
  partitionKey: id,
  rowKey: plainKey(key),
  ...jsonProperties("json", { body, mac }),
});

/** What cannot be read has no valid MAC either. */
export const sealedOfRow = (row: StoredRow): SealedRow => sealedOf(readForeignJson(row, "json"));

export function sealedOf(value: unknown): SealedRow {
  const { body, mac } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return { body: typeof body === "string" ? body : "", mac: typeof mac === "string" ? mac : "" };
}

function numbered(rows: readonly StoredRow[], prefix: string): readonly SealedRow[] {
  const numberOf = (row: StoredRow): number => Number(row.rowKey.slice(prefix.length));
  return rows
    .filter(({ rowKey }) => rowKey.startsWith(prefix))
    .toSorted((a, b) => numberOf(a) - numberOf(b))
    .map(sealedOfRow);
}
