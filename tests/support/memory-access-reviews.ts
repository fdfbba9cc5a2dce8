import type { EntraDecision } from "../../shared/domain/entra-review.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { AccessReviews, EntraReview } from "../../shared/ports/access-reviews.ts";

/** Access reviews of a tenant: each holds what was decided about whom. */
export class MemoryAccessReviews implements AccessReviews {
  readonly reviews = new Map<string, EntraReview>();
  readonly decided = new Map<PrincipalId, readonly EntraDecision[]>();
  /** What Entra answers instead of opening one. */
  refuses: string | undefined;
  /** Answers to come that fail. */
  failures: Error[] = [];

  open: AccessReviews["open"] = async (review) => {
    this.#fail();
    if (this.refuses !== undefined) return { refused: this.refuses };
    const known = [...this.reviews].find(([, { name }]) => name === review.name)?.[0];
    const definitionId = known ?? `definition-${this.reviews.size + 1}`;
    this.reviews.set(definitionId, review);
    return { definitionId };
  };

  decisions: AccessReviews["decisions"] = async (definitionId) => {
    this.#fail();
    return this.reviews.has(definitionId) ? this.decided : undefined;
  };

  #fail(): void {
    const failure = this.failures.shift();
    if (failure) throw failure;
  }
}
