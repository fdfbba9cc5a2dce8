import type { Approver } from "./approval.ts";
import type { RoleRule } from "./baseline.ts";
import type { Assignment } from "./directory.ts";
import type { ActivationId, PersonKey, PrincipalId, RoleDefinitionId } from "./ids.ts";
import type { Policy } from "./policy.ts";
import type { ReasonCode } from "./reasons.ts";
import type { Instant } from "./time.ts";

/** 128 random bits, like the id of an activation. */
export type ChangeId = ActivationId;

/** What a change of eligibility or standing access is about. */
export type ChangeBody =
  /** The conversion of one wave of a plan. */
  | { readonly kind: "wave"; readonly planId: string; readonly wave: number; readonly items: number }
  /** The way back of everything that the wave changed. */
  | { readonly kind: "rollback"; readonly planId: string; readonly wave: number; readonly items: number }
  | { readonly kind: "eligibility"; readonly action: "add" | "renew" | "remove" }
  /** The review of everybody who is eligible for one role, as part of a campaign. */
  | {
      readonly kind: "review";
      readonly campaign: ChangeId;
      readonly roleDefinitionId: RoleDefinitionId;
      readonly items: number;
      /** Digest over the items in order: the population is fixed. */
      readonly population: string;
      readonly until: Instant;
      readonly remindAt: Instant;
    }
  /** The settings of roles in PIM: to the baseline, back to what a change found, or the native door alone. */
  | { readonly kind: "settings"; readonly action: SettingsAction; readonly undoes: ChangeId | null }
  /** The policy in force now is accepted, by its hash. */
  | { readonly kind: "policy"; readonly hash: string }
  /** A campaign: one review for every role. */
  | { readonly kind: "campaign"; readonly number: number; readonly opensAt: Instant; readonly until: Instant };

export type SettingsAction = "apply" | "undo" | "nativeOpen" | "nativeClose";

/** A campaign and its reviews ask themselves: nobody's account stands behind them. */
export const ASKED_BY_NOBODY = "" as PersonKey;
export const NO_ACCOUNT = "" as PrincipalId;

/** The worker's own list of a campaign's reviews, under its seal. */
export interface FrozenCampaign {
  readonly id: ChangeId;
  readonly number: number;
  readonly opensAt: Instant;
  readonly until: Instant;
  readonly remindAt: Instant;
  readonly policyHash: string;
  readonly reviews: readonly {
    readonly id: ChangeId;
    readonly roleDefinitionId: RoleDefinitionId;
    readonly role: string;
    readonly items: number;
    readonly population: string;
  }[];
}

/** Whether the policy lets anything of this kind be changed: where a tenant is only watched, the policy alone. */
export const mayChange = ({ mode }: Pick<Policy, "mode">, { kind }: Pick<ChangeBody, "kind">): boolean =>
  mode !== "observe" || kind === "policy";

/** Nobody has more afterwards, so no freeze of the grants holds it up. */
export const onlyTakes = (body: ChangeBody): boolean =>
  body.kind === "review" || (body.kind === "eligibility" && body.action === "remove");

/** What somebody asked for, as the door took it; nothing of it is trusted before the worker opened it. */
export interface Change {
  readonly id: ChangeId;
  readonly askedBy: PersonKey;
  readonly account: PrincipalId;
  readonly askedAt: Instant;
  readonly because: string;
  readonly body: ChangeBody;
}

/** What is done to one principal, role and scope. */
export interface ChangeItem extends Assignment {
  /**
   * `convert`: eligible, then not standing any more. `restore`: standing again, and not eligible if the conversion made
   * that. `grant`, `extend`, `shorten`, `revoke`: eligibility alone. `review`: as the reviewers will say. `keep`: nothing.
   * `setRule`: a rule of the role's settings, of nobody in particular.
   */
  readonly action: "convert" | "restore" | "grant" | "extend" | "shorten" | "revoke" | "review" | "keep" | "setRule";
  readonly role: string;
  readonly holder: string;
  /** Who gains or loses; `""`: nobody of the people map. */
  readonly person: PersonKey | "";
  /** How long an eligibility that is made lasts; 0 = none is made. */
  readonly eligibleForMs: number;
  /** `setRule`: the rule as it is to be, and as it was found. */
  readonly rule?: { readonly policyId: string; readonly before: RoleRule; readonly wanted: RoleRule };
  /** `review`: since when the person is eligible, as far as the directory says. */
  readonly since?: Instant;
  /** `review`: the holder is no user, as far as the directory says: others may be eligible through it. */
  readonly notUser?: true;
  /** `review`: the manager who answers; left out: the other reviewers do. */
  readonly manager?: PersonKey;
  /** `extend`, `shorten`: until when. */
  readonly until?: Instant;
  /** `restore`: the conversion made the eligibility, so that the way back ends it. */
  readonly madeEligible: boolean;
  /** `restore`: the conversion never took the standing access away, so that the way back gives none. */
  readonly untaken?: true;
}

/** Somebody who is asked about a change. */
export interface ChangeApprover extends Approver {
  /**
   * Review, where managers are asked: a manager answers for `ownPeople`, the other reviewers for the `others`, who have
   * no manager to ask; who is both answers for `both`. Left out: everybody.
   */
  readonly answersFor?: "ownPeople" | "others" | "both";
}

/** Opened by the worker and sealed: its digest is what people sign in for. */
export interface FrozenChange extends Change {
  /** What is asked, in words for the page and the mail. */
  readonly words: readonly string[];
  /** Persons who gain something: they never decide. */
  readonly gains: readonly PersonKey[];
  /** Empty: the asker's own sign-in is enough. */
  readonly approvers: readonly ChangeApprover[];
  readonly policyHash: string;
  readonly authenticationContext: string;
  readonly total: number;
  /** Review: reviewers answer there, in the access review of this id; left out: here. */
  readonly inEntra?: string;
}

export interface ChangeClosing {
  readonly reason: ReasonCode | null;
  readonly detail: string | null;
  readonly by: PersonKey | null;
}

/** Why reviewers are mailed. */
export type ReviewMail = "first" | "reminder" | "escalation";

export type ChangeState =
  | { readonly status: "Requested"; readonly since: Instant; readonly until: Instant }
  | { readonly status: "AwaitingConfirmation"; readonly since: Instant; readonly until: Instant }
  | {
      readonly status: "AwaitingApproval";
      readonly since: Instant;
      readonly until: Instant;
      readonly remindAt: Instant;
    }
  | {
      readonly status: "AwaitingReview";
      readonly since: Instant;
      readonly until: Instant;
      /** After the reminder, when it escalates. */
      readonly remindAt: Instant;
      readonly escalateAt?: Instant;
      /** Those who stand in were asked. */
      readonly escalated?: true;
      /** Mails that are still to go out: then `remindAt` is when, and this what it was to be. */
      readonly telling?: { readonly kind: ReviewMail; readonly then: Instant };
    }
  | {
      readonly status: "Working";
      readonly since: Instant;
      /** Grows with every look at the work, so that no two looks are alike. */
      readonly step: number;
      readonly done: number;
      readonly total: number;
      readonly notBefore: Instant;
      /** A review: numbers of items that could not be worked yet. */
      readonly left?: readonly number[];
    }
  | {
      readonly status: "Done" | "Refused" | "Denied" | "Expired" | "Stopped";
      readonly since: Instant;
      readonly done: number;
      readonly total: number;
      readonly closing: ChangeClosing;
    };

export type ChangeStatus = ChangeState["status"];
export type ChangeEnd = Extract<ChangeState, { readonly closing: unknown }>["status"];

const ENDS: readonly ChangeStatus[] = ["Done", "Refused", "Denied", "Expired", "Stopped"];

/** A finished change never changes again. */
export const isOver = (state: ChangeState): boolean => ENDS.includes(state.status);

/** Before anything was done, who asked may take it back; a review was asked for by nobody. */
export const isWithdrawable = ({ status }: ChangeState): boolean =>
  status === "Requested" || status === "AwaitingConfirmation" || status === "AwaitingApproval";

/** What the process needs to know for its next step; goes through the history: small, plain, nothing secret. */
export interface ChangeFacts {
  readonly state: ChangeState;
  /** Names the sign-ins that nobody recorded yet; `""`: none. */
  readonly waiting: string;
}

/** How far one item is, kept under the worker's seal. */
export interface ItemProgress {
  readonly changeId: ChangeId;
  readonly n: number;
  readonly item: ChangeItem;
  readonly finished: boolean;
  /** When its outcome was read back. */
  readonly finishedAt?: Instant;
  /** This change made the eligibility. */
  readonly madeEligible: boolean;
  /** What the review came to, where there was one. */
  readonly review?: ReviewOutcome;
  /** How often each write was sent. */
  readonly makes: number;
  readonly takes: number;
  /** It was left before and is tried again, however often. */
  readonly again?: boolean;
}

/** What reviewers said about one eligibility, and what follows. */
export interface ReviewOutcome {
  readonly verdict: "keep" | "shorten" | "remove";
  /** Who said so; `null`: nobody answered, or a rule protects the account. */
  readonly by: PersonKey | null;
  readonly why: string;
}

/** A verified sign-in of somebody who asks or decides; stored with the worker's MAC. */
export interface ChangeVerdict {
  readonly changeId: ChangeId;
  readonly changeDigest: string;
  readonly nonce: string;
  /** 0: who asks. */
  readonly slot: number;
  readonly person: PersonKey;
  readonly account: PrincipalId;
  readonly decision: ChangeDecision;
  readonly authenticatedAt: Instant;
  readonly verifiedAt: Instant;
  readonly authenticationContexts: readonly string[];
}

export type ChangeDecision =
  | { readonly kind: "confirm" }
  | { readonly kind: "approve" }
  | { readonly kind: "deny"; readonly reason: string }
  /** All answers of a reviewer, by their digest. */
  | { readonly kind: "review"; readonly answersDigest: string };
