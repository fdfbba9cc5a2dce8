import type { Change, ChangeId, ChangeItem, ChangeState } from "../domain/change.ts";
import type { SealedRow } from "./activation-store.ts";

/** Everything stored about one change but its items. */
export interface ChangeRecord {
  /** As the door took it. */
  readonly change: Change;
  /** `undefined` until the worker wrote it first. */
  readonly row: { readonly state: ChangeState; readonly etag: string } | undefined;
  /** JSON of `FrozenChange`; a row without a valid MAC is as good as absent. */
  readonly frozen: SealedRow | undefined;
  /** JSON of `ChangeVerdict`. */
  readonly verdicts: readonly SealedRow[];
}

/** Changes of eligibility and standing access. Everything throws `DependencyError` for faults of the store. */
export interface ChangeStore {
  /** Insert-only: items first, then the change. Asking the same again changes nothing. */
  ask(change: Change, items: readonly ChangeItem[]): Promise<void>;
  load(id: ChangeId): Promise<ChangeRecord | undefined>;
  /** Compare-and-set; `false`: somebody else wrote meanwhile. `undefined` = there is none yet. */
  putState(id: ChangeId, state: ChangeState, etag: string | undefined): Promise<boolean>;
  freeze(id: ChangeId, frozen: SealedRow): Promise<void>;
  keepVerdict(id: ChangeId, key: string, verdict: SealedRow): Promise<void>;
  /** What the door wrote, in order, not sealed. */
  items(id: ChangeId): Promise<readonly ChangeItem[]>;
  /** JSON of `ItemProgress` of item `n`, from 1 on. */
  progress(id: ChangeId, n: number): Promise<SealedRow | undefined>;
  /** Progress of every item, in order. */
  allProgress(id: ChangeId): Promise<readonly SealedRow[]>;
  putProgress(id: ChangeId, rows: readonly (SealedRow & { readonly n: number })[]): Promise<void>;
  /** The changes that were asked for about something, the newest first. */
  about(subject: string): Promise<readonly ChangeId[]>;
  /** Who has the lock afterwards: one at a time. */
  lock(name: string, id: ChangeId): Promise<ChangeId>;
  /** Gives the lock back, if it is this change's. */
  unlock(name: string, id: ChangeId): Promise<void>;
}

/** What a change is found by. */
export const subjectOf = ({ body }: Pick<Change, "body">): string =>
  body.kind === "eligibility" ? "eligibility" : `${body.planId}-${body.wave}`;
