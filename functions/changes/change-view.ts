import type { ChangeView } from "../../shared/contracts/change.ts";
import {
  ASKED_BY_NOBODY,
  type ChangeDecision,
  type ChangeVerdict,
  type FrozenChange,
} from "../../shared/domain/change.ts";
import { REASONS } from "../../shared/domain/reasons.ts";
import type { PeopleMap } from "../../shared/domain/people.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { shownJson } from "../shown-json.ts";
import { changeStateOf } from "./change-state.ts";

/** What was opened, for the eye only: the seal is the worker's to check. */
export function shownChange({ frozen, change }: ChangeRecord): FrozenChange | undefined {
  const shown = frozen && (shownJson(frozen.body) as FrozenChange | null | undefined);
  return shown?.id === change.id ? shown : undefined;
}

/** A change as the API and the pages show it. */
export function viewOfChange(record: ChangeRecord, people: PeopleMap, page: string): ChangeView {
  const { change } = record;
  const state = changeStateOf(record);
  const frozen = shownChange(record);
  const nameOf = (key: string): string => people.byKey(key)?.name ?? key;
  const closing = "closing" in state ? state.closing : undefined;
  return {
    id: change.id,
    kind: change.body.kind,
    status: state.status,
    askedBy: change.askedBy === ASKED_BY_NOBODY ? "the policy" : nameOf(change.askedBy),
    askedAt: change.askedAt,
    because: change.because,
    words: [...(frozen?.words ?? [])],
    waitsFor:
      state.status === "AwaitingConfirmation"
        ? [nameOf(change.askedBy)]
        : state.status === "AwaitingApproval" || state.status === "AwaitingReview"
          ? (frozen?.approvers ?? [])
              .filter(({ slot, backup }) => !backup && !lastSigned(record, slot))
              .map(({ person }) => nameOf(person))
          : [],
    until: "until" in state ? state.until : null,
    notBefore: state.status === "Working" ? state.notBefore : null,
    done: "done" in state ? state.done : 0,
    total: "total" in state ? state.total : (frozen?.total ?? 0),
    closing: closing
      ? {
          reason: closing.reason,
          text: closing.reason === null ? "" : REASONS[closing.reason],
          detail: closing.detail,
          by: closing.by === null ? null : nameOf(closing.by),
        }
      : null,
    page,
  };
}

/** What somebody last signed for it, and when, as stored, for the eye only; `answersDigest`: of a review. */
export const lastSigned = (
  { verdicts }: ChangeRecord,
  slot: number,
): { readonly at: Instant; readonly answersDigest: string | undefined } | undefined =>
  verdicts
    .map(({ body }) => shownJson(body) as Partial<ChangeVerdict> | null | undefined)
    .flatMap((one) => {
      if (one?.slot !== slot || one.verifiedAt === undefined) return [];
      const signedInAt = one.authenticatedAt ?? "";
      return [{ at: one.verifiedAt, answersDigest: answersDigestIn(one.decision), signedInAt }];
    })
    .toSorted((a, b) => (`${a.signedInAt} ${a.at}` < `${b.signedInAt} ${b.at}` ? -1 : 1))
    .at(-1);

const answersDigestIn = (decision: ChangeDecision | undefined): string | undefined =>
  decision?.kind === "review" ? decision.answersDigest : undefined;
