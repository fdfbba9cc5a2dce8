import type { PrincipalId, RoleDefinitionId } from "../domain/ids.ts";
import type { EntraDecisions } from "../domain/entra-review.ts";

/** A review that reviewers answer in Entra, for everybody who is eligible for one role. */
export interface EntraReview {
  /** Found again by it after a crash: one for each review. */
  readonly name: string;
  readonly words: string;
  readonly roleDefinitionId: RoleDefinitionId;
  readonly reviewers: readonly PrincipalId[];
  readonly days: number;
}

/** Access reviews of Entra ID Governance. Everything throws `DependencyError` where Graph gives no clear answer. */
export interface AccessReviews {
  /** Opens the review, unless one of this name is there. May run twice. `refused`: Graph says no, and why. */
  open(review: EntraReview): Promise<{ readonly definitionId: string } | { readonly refused: string }>;
  /** What is decided so far; `undefined`: the review is gone, or it never began. */
  decisions(definitionId: string): Promise<EntraDecisions | undefined>;
}
