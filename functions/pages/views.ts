import type { EvidenceChange } from "../../shared/domain/ticket.ts";
import type { Instant } from "../../shared/domain/time.ts";

/** Where a form posts to, and the token that proves that we made it. */
export interface Form {
  readonly action: string;
  readonly token: string;
}

/** What may be shown to whoever opens the link: nothing about a person. */
export interface Summary {
  readonly role: string;
  readonly scope: string;
  readonly durationMs: number;
  readonly ticket: string;
}

export interface Fact {
  readonly label: string;
  /** Several: one below the other. */
  readonly value: string | readonly string[];
}

/** The requester's page: "I asked for this" or "I did not". */
export interface StepUpView {
  readonly kind: "stepUp";
  readonly summary: Summary;
  /** How the request came in, and so who triggered it. */
  readonly door: string;
  readonly until: Instant;
  /** Evidence fields that changed since it was confirmed before. */
  readonly changedFields: readonly string[];
  readonly form: Form;
}

/** The requester's page when everything is approved. */
export interface StartView {
  readonly kind: "start";
  readonly summary: Summary;
  readonly opensAt: Instant;
  readonly lapsesAt: Instant;
  /** `undefined`: too early. */
  readonly form: Form | undefined;
}

/** A page that says more only to somebody who signed in. */
export interface SignInView {
  readonly kind: "signIn";
  readonly title: string;
  readonly text: string;
  readonly summary: Summary | undefined;
  readonly button: string;
  readonly form: Form;
}

export interface RequirementView {
  readonly name: string;
  readonly count: number;
  readonly approved: readonly string[];
  readonly others: readonly string[];
}

/** The approver's page: everything needed to decide. */
export interface DecisionView {
  readonly kind: "decision";
  /** `denial`: approved so far; until the grant it may still be denied. */
  readonly asked: "decision" | "denial";
  readonly summary: Summary;
  readonly requester: { readonly name: string; readonly account: string };
  readonly justification: string;
  readonly requestedAt: Instant;
  readonly until: Instant;
  readonly evidence: readonly Fact[];
  readonly changes: readonly EvidenceChange[];
  readonly requirements: readonly RequirementView[];
  readonly backups: readonly string[];
  readonly shorterMs: readonly number[];
  readonly form: Form;
}

export type Tone = "calm" | "waiting" | "good" | "bad";

/** One activation from outside: where it stands, what it waits for, what happened. */
export interface ActivationPageView {
  readonly kind: "activation";
  readonly summary: Summary;
  readonly person: { readonly name: string; readonly account: string };
  readonly status: string;
  readonly tone: Tone;
  readonly text: string;
  readonly facts: readonly Fact[];
  readonly timeline: readonly { readonly at: Instant; readonly text: string }[];
  /** What the reader is asked to do, behind a link that is theirs. */
  readonly next: { readonly href: string; readonly label: string } | undefined;
  /** Until when a token issued before the end may still carry the role. */
  readonly tokensUntil: Instant | undefined;
  /** What the reader may stop, if anything. */
  readonly stop: { readonly how: "end" | "withdraw"; readonly form: Form } | undefined;
  /** The page loads itself again while something is under way. */
  readonly refreshSeconds: number | undefined;
}

/** One message and perhaps a way on. */
export interface NoticeView {
  readonly kind: "notice";
  readonly title: string;
  readonly text: string;
  readonly tone: Tone;
  readonly facts?: readonly Fact[];
  readonly link?: { readonly href: string; readonly label: string };
  /** A choice that is left: "it was not me" where a request was confirmed already, or another sign-in. */
  readonly choice?: {
    readonly name: "disown" | "signIn" | "resume" | "withdraw";
    readonly label: string;
    readonly form: Form;
  };
  /** The page loads itself again while something is under way. */
  readonly refreshSeconds?: number | undefined;
}

/** What somebody asked to change about eligibility or standing access, for who confirms or decides. */
export interface ChangeDecisionView {
  readonly kind: "changeDecision";
  readonly asked: "confirmation" | "decision";
  readonly title: string;
  readonly text: string;
  readonly facts: readonly Fact[];
  readonly form: Form;
}

/** Who may activate what, and a form to ask for a change. */
export interface EligibilityPageView {
  readonly kind: "eligibility";
  readonly rows: readonly {
    readonly role: string;
    readonly holder: string;
    readonly scope: string;
    /** `null`: without an end. */
    readonly until: Instant | null;
  }[];
  readonly roles: readonly string[];
  readonly longestDays: number;
  /** What was typed before, and what is wrong with it. */
  readonly typed: Readonly<Partial<Record<EligibilityField, string>>>;
  readonly mistakes: Readonly<Partial<Record<EligibilityField, string>>>;
  readonly form: Form;
}

export type EligibilityField = "action" | "holder" | "role" | "scope" | "days" | "because";

/** One eligibility on the page of a reviewer. */
export interface ReviewRow {
  /** Names its fields, among those of all roles. */
  readonly key: string;
  /** Its number in the review of its role. */
  readonly n: number;
  /** Digest of whom it shows: an answer counts for them alone. */
  readonly about: string;
  readonly holder: string;
  readonly scope: string;
  readonly since: Instant | null;
  readonly activations: number;
  /** For how long in all, in words. */
  readonly held: string;
  readonly lastAt: Instant | null;
  readonly tickets: readonly string[];
  /** What was done in the directory while the role was held, in words. */
  readonly did: string;
  readonly recommendation: "keep" | "remove";
  readonly answer: { readonly choice: "keep" | "shorten" | "remove"; readonly reason: string } | null;
  /** It is to be kept, and the reason that this needs was not given. */
  readonly lacksReason: boolean;
  /** The reviewer's own, or a group's that they are in: others answer for it. `""`: theirs to answer. */
  readonly own: "" | "self" | "group";
}

/** How far one role is, for the table of contents of the page. */
export interface ReviewedRole {
  /** Names its button. */
  readonly key: string;
  readonly role: string;
  /** For whom the reviewer answers there, where not for everybody; `""`. */
  readonly share: string;
  readonly answered: number;
  readonly total: number;
  /** Whether its answers are signed, in words. */
  readonly standing: string;
  readonly tone: Tone;
  /** The page on which it begins. */
  readonly page: number;
}

/** Everybody whom a reviewer answers for in a campaign, role by role, a page at a time. */
export interface ReviewPageView {
  readonly kind: "review";
  readonly title: string;
  readonly text: string;
  /** What became of what was posted; `""`: nothing was. */
  readonly said: string;
  /** When the reader signed; `""`: not yet. */
  readonly signed: string;
  readonly until: Instant;
  readonly page: number;
  readonly pages: number;
  readonly answered: number;
  readonly total: number;
  readonly roles: readonly ReviewedRole[];
  /** Reviews that are over and had answers that nobody signed: they do not count. */
  readonly late: readonly string[];
  readonly groups: readonly { readonly role: ReviewedRole; readonly rows: readonly ReviewRow[] }[];
  readonly form: Form;
}

export type View =
  | StepUpView
  | StartView
  | SignInView
  | DecisionView
  | ActivationPageView
  | ChangeDecisionView
  | EligibilityPageView
  | ReviewPageView
  | NoticeView;
