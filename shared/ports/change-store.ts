import type { Change, ChangeId, ChangeItem, ChangeState } from "../domain/change.ts";
import type { Deeds } from "../domain/deeds.ts";
import type { PersonKey } from "../domain/ids.ts";
import type { KeptAnswer } from "../domain/review.ts";
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
  /** What was frozen, also before the change itself is written. */
  frozen(id: ChangeId): Promise<SealedRow | undefined>;
  keepVerdict(id: ChangeId, key: string, verdict: SealedRow): Promise<void>;
  /**
   * Adds items before the change is asked for: `first` is the number of the first, from 1 on, and a multiple of
   * `ITEMS_TOGETHER` after it. May be put again. @throws RangeError for another number
   */
  putItems(id: ChangeId, first: number, items: readonly ChangeItem[]): Promise<void>;
  /** What the door wrote, in order, not sealed; with `from` only so many from this number on. */
  items(id: ChangeId, from?: number, count?: number): Promise<readonly ChangeItem[]>;
  /** The numbers of items that somebody answers for, `""`: the other reviewers; of one page that was read. May be put again. @param begins what was kept of it before is forgotten */
  keepShare(id: ChangeId, of: PersonKey | "", numbers: readonly number[], begins: boolean): Promise<void>;
  /** Everything that was kept of it, in order; not sealed: for the eye only. */
  share(id: ChangeId, of: PersonKey | ""): Promise<readonly number[]>;
  /**
   * JSON of `ItemProgress` of items before anything is done about them, each sealed by itself: what is put of one later
   * counts instead. The first one's number is as for `putItems`, the others follow it. May be put again. @throws RangeError
   */
  beginProgress(id: ChangeId, rows: readonly (SealedRow & { readonly n: number })[]): Promise<void>;
  /** JSON of `ItemProgress` of item `n`, from 1 on. */
  progress(id: ChangeId, n: number): Promise<SealedRow | undefined>;
  /** Progress of every item, in order. */
  allProgress(id: ChangeId, from?: number, count?: number): Promise<readonly SealedRow[]>;
  /** The answers of one reviewer as the page keeps them, or those of a digest that they signed; not sealed. */
  answers(id: ChangeId, slot: number, signed?: string): Promise<AnswerSheet>;
  keepAnswers(id: ChangeId, slot: number, answers: AnswerSheet, signed?: string): Promise<void>;
  /** What a sign-in that began on a page of this review is to cover, under its digest; not sealed: the digest is signed. */
  keepParts(id: ChangeId, digest: string, text: string): Promise<void>;
  parts(id: ChangeId, digest: string): Promise<string | undefined>;
  /** Insert-only: the claim that stands afterwards. */
  claimMail(campaign: ChangeId, key: string, claim: SealedRow): Promise<SealedRow>;
  mailClaim(campaign: ChangeId, key: string): Promise<SealedRow | undefined>;
  /** Puts a claim over whatever stands. */
  putMailClaim(campaign: ChangeId, key: string, claim: SealedRow): Promise<void>;
  /** Takes this very claim away, and none that stands in its place by then. */
  dropMailClaim(campaign: ChangeId, key: string, claim: SealedRow): Promise<void>;
  /** What is known of the items of one stretch: that of item `n`. Not sealed: for the eye only. */
  deeds(id: ChangeId, n: number): Promise<DeedsSheet | undefined>;
  keepDeeds(id: ChangeId, n: number, sheet: DeedsSheet): Promise<void>;
  putProgress(id: ChangeId, rows: readonly (SealedRow & { readonly n: number })[]): Promise<void>;
  /** The changes that were asked for about something, the newest first. */
  about(subject: string): Promise<readonly ChangeId[]>;
  /** Who has the lock afterwards: one at a time. */
  lock(name: string, id: ChangeId): Promise<ChangeId>;
  /** Gives the lock back, if it is this change's. */
  unlock(name: string, id: ChangeId): Promise<void>;
}

/** Answers of a review by the number of the item. */
export type AnswerSheet = Readonly<Record<string, KeptAnswer>>;

/** Items, and the progress of as many, that are kept in one row: a row for each would be most of what opening a campaign over many does. */
export const ITEMS_TOGETHER = 10;

/** Items of a review whose deeds are kept together. */
export const DEEDS_STRETCH = 500;

export interface DeedsSheet {
  /** The first item of the stretch that nobody looked at yet. */
  readonly next: number;
  /** By the number of the item, where the role was held; `null`: the log did not answer for it. */
  readonly of: Readonly<Record<string, Deeds | null>>;
}

/** What a change is found by. */
export const subjectOf = ({ body }: Pick<Change, "body">): string =>
  body.kind === "eligibility"
    ? "eligibility"
    : body.kind === "review"
      ? `campaign-${body.campaign}`
      : body.kind === "settings" || body.kind === "policy"
        ? body.kind
        : body.kind === "campaign"
          ? "campaigns"
          : `${body.planId}-${body.wave}`;
