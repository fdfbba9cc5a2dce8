import type { PersonKey, PrincipalId } from "./ids.ts";
import type { Instant } from "./time.ts";

/** Stable names of what can be written to the audit trail. */
export type AuditEventType =
  | "ActivationRequested"
  | "ActivationRefused"
  | "StepUpProven"
  | "ProofRefused"
  | "DecisionRecorded"
  | "ApproversReminded"
  | "ApproversEscalated"
  | "TicketChanged"
  | "ReadyToStart"
  | "GrantIntended"
  | "GrantAttempted"
  | "RoleGranted"
  | "EndRequested"
  | "RemovalAttempted"
  | "RoleEnded"
  | "ActivationClosed"
  | "GrantsFrozen"
  | "ResumeAgreed"
  | "GrantsResumed"
  | "RequestRefusedAtDoor"
  | "MessageRejected"
  | "MessageResubmitIntended"
  | "MessageResubmitted"
  | "MessageDiscardIntended"
  | "MessageDiscarded"
  | "UnauthenticatedCalls"
  | "FindingReported"
  | "FindingGone"
  | "SelfActivationEnded"
  | "EligibilityEndAttempted"
  | "EligibilityEnded"
  | "CampaignOpened"
  | "CampaignClosed"
  | "PolicyAccepted"
  | "ChangeRequested"
  | "ChangeOpened"
  | "ChangeDecided"
  | "ChangeItemAttempted"
  | "ChangeItemDone"
  | "ChangeClosed"
  | "TamperingFound";

/** Who did it: object ids and person keys, never names. */
export type AuditActor =
  | { readonly kind: "person"; readonly person: PersonKey; readonly account: PrincipalId }
  | { readonly kind: "system"; readonly part: "front" | "worker" | "sweeper" }
  | { readonly kind: "ticketSystem"; readonly system: string }
  | { readonly kind: "sender"; readonly sender: string };

/** What happened, before it gets its place in a chain. `data` is plain JSON without names, tokens or free text of tickets. */
export interface AuditEvent {
  readonly type: AuditEventType;
  readonly at: Instant;
  readonly actor: AuditActor;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A record of the chain of one subject; `hash` covers the canonical form of all other members. */
export interface AuditRecord extends AuditEvent {
  readonly version: 1;
  readonly subject: string;
  readonly sequence: number;
  /** Names the transition, so that a repeated activity finds its own record. */
  readonly key: string;
  readonly previous: string;
  readonly hash: string;
}
