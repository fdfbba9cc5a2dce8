import type { ChangeApprover, ChangeItem } from "./change.ts";
import type { PrincipalId } from "./ids.ts";
import type { ReviewAnswer } from "./review.ts";
import type { Instant } from "./time.ts";

/** What a reviewer decided in Entra about somebody. */
export interface EntraDecision {
  readonly keeps: boolean;
  readonly reason: string;
  /** The account that decided. */
  readonly by: PrincipalId;
  readonly at: Instant;
}

/** By whom it is about: everybody whom Entra asks about, also who has no decision. The order says nothing. */
export type EntraDecisions = ReadonlyMap<PrincipalId, readonly EntraDecision[]>;

/** Why somebody stays about whom no reviewer was asked. */
export const NOT_ASKED_IN_ENTRA = "Entra did not ask about them";

/** What one of ours answered in Entra about an item, and when. */
export interface AnswerInEntra {
  readonly by: ChangeApprover;
  readonly answer: ReviewAnswer;
  readonly at: Instant;
}

/**
 * The answers about one item by those whom the policy named when the review opened, whoever else answers in Entra; removal
 * comes first. `undefined`: Entra did not ask. Whether one may answer about this person is asked when it is worked. Pure.
 *
 * @param accountsOf every account of a reviewer
 */
export function answersInEntra(
  decisions: EntraDecisions,
  item: ChangeItem,
  approvers: readonly ChangeApprover[],
  accountsOf: (approver: ChangeApprover) => readonly PrincipalId[],
): readonly AnswerInEntra[] | undefined {
  return decisions
    .get(item.principalId)
    ?.toSorted((a, b) => Number(a.keeps) - Number(b.keeps))
    .flatMap(({ keeps, reason, by, at }) => {
      const approver = approvers.find((one) => accountsOf(one).includes(by));
      if (!approver) return [];
      return [{ by: approver, answer: { choice: keeps ? "keep" : "remove", reason }, at }];
    });
}
