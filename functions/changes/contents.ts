import type { Instant } from "../../shared/domain/time.ts";
import type { Change, ChangeApprover, ChangeItem } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { Refusal } from "../../shared/domain/reasons.ts";
import type { Governance, Policy } from "../../shared/domain/policy.ts";

/** What opening a change came to: what is done, in words, for whom, and whether a second person decides. */
export interface Contents {
  readonly items: readonly ChangeItem[];
  readonly words: readonly string[];
  readonly needsApproval: boolean;
  /** Persons who gain although no item says so; they never decide. */
  readonly gains?: readonly PersonKey[];
  /** A review: its reviewers, how many items it wrote itself, and until when they answer. */
  readonly review?: {
    readonly reviewers: readonly ChangeApprover[];
    readonly total: number;
    readonly until: Instant;
    readonly remindAt: Instant;
    readonly escalateAt: Instant | undefined;
    /** The access review in Entra where they answer; `undefined`: here. */
    readonly inEntra: string | undefined;
  };
}

export type OpeningResult = { readonly contents: Contents } | { readonly refusal: Refusal };

export interface Opening<Kind extends Change["body"]["kind"]> {
  readonly change: Change & { readonly body: Extract<Change["body"], { readonly kind: Kind }> };
  readonly policy: Policy & { readonly governance: Governance };
}
