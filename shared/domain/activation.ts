import type { Approver, Requirement } from "./approval.ts";
import type { ActivationId, DirectoryScopeId, PersonKey, PrincipalId, RoleDefinitionId } from "./ids.ts";
import type { ReasonCode } from "./reasons.ts";
import type { TicketEvidence, TicketReference } from "./ticket.ts";
import type { Instant } from "./time.ts";

/** How a request came in. Who asks is proven later by the person's own sign-in, whatever the door. */
export type Door = "http" | "servicenow" | "jira" | "message";

/** What came through a door, as claimed; nothing of it is trusted before the worker checked it. */
export interface ActivationClaim {
  readonly activationId: ActivationId;
  readonly door: Door;
  /** The system that asked by message, as the queue names it. */
  readonly sender?: string;
  readonly claimedAt: Instant;
  readonly ticket: TicketReference;
  readonly person: PersonKey;
  readonly principalId: PrincipalId;
  readonly roleDefinitionId: RoleDefinitionId;
  readonly directoryScopeId: DirectoryScopeId;
  readonly use: number;
  /** Delivery id or `Idempotency-Key` of the call that made the claim; `null` when it had none. */
  readonly requestKey: string | null;
  readonly durationMs: number;
  readonly justification: string;
}

/** Frozen by the worker after policy and ticket were checked; its digest is what people sign in for. */
export interface ActivationRequest extends ActivationClaim {
  /** Grows when the ticket's evidence changed; decisions count only for the revision they were made for. */
  readonly revision: number;
  readonly roleName: string;
  readonly evidence: TicketEvidence;
  readonly ticketId: string;
  readonly approval: "automatic" | "manual";
  readonly approvers: readonly Approver[];
  readonly requirements: readonly Requirement[];
  readonly policyHash: string;
}

/** Why an activation ended before or after it held the role. */
export interface Closing {
  readonly reason: ReasonCode;
  readonly detail: string | null;
  /** The person behind it, where there is one. */
  readonly by: PersonKey | null;
}

export type ActivationState =
  | { readonly status: "Requested"; readonly since: Instant; readonly giveUpAt: Instant }
  | { readonly status: "AwaitingStepUp"; readonly since: Instant; readonly stepUpBy: Instant }
  | {
      readonly status: "AwaitingApproval";
      readonly since: Instant;
      readonly decideBy: Instant;
      /** The next reminder, or the escalation to the backups. */
      readonly nextReminderAt: Instant;
      readonly remindersSent: number;
      readonly escalateAt: Instant;
      readonly escalated: boolean;
    }
  | {
      readonly status: "Ready";
      readonly since: Instant;
      readonly opensAt: Instant;
      readonly lapsesAt: Instant;
      readonly durationMs: number;
    }
  | {
      readonly status: "Granting";
      readonly since: Instant;
      readonly durationMs: number;
      readonly attempt: number;
      /** Not tried again before. */
      readonly notBefore: Instant;
      readonly giveUpAt: Instant;
      /** Somebody asked to stop while the outcome was not known yet. */
      readonly stop: Closing | null;
    }
  | ({
      readonly status: "Active";
      readonly since: Instant;
      readonly endAt: Instant;
      readonly early: Closing | null;
      /** What the holder was warned of about the ticket, where that changes nothing of the end. */
      readonly warnedOf?: Closing["reason"];
    } & Held)
  | ({
      readonly status: "Ending";
      readonly since: Instant;
      readonly closing: Closing;
      readonly attempt: number;
      readonly notBefore: Instant;
    } & Held)
  | ({ readonly status: "Ended"; readonly since: Instant; readonly closing: Closing } & Held)
  | {
      readonly status: "Refused" | "Denied" | "Expired" | "Cancelled" | "Failed";
      readonly since: Instant;
      readonly closing: Closing;
    };

/** How an activation ends that never held the role. */
export type UnheldEnd = "Refused" | "Denied" | "Expired" | "Cancelled" | "Failed";

/** The assignment as read back from the directory. */
export interface Held {
  readonly assignmentScheduleId: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
}

export type ActivationStatus = ActivationState["status"];

const FINAL: readonly ActivationStatus[] = ["Ended", "Refused", "Denied", "Expired", "Cancelled", "Failed"];

/** A finished activation never changes again. */
export const isFinal = (state: ActivationState): boolean => FINAL.includes(state.status);

/** What the process needs to know for its next step; goes through the history, so: small, plain, nothing secret. */
export interface ActivationFacts {
  readonly state: ActivationState;
  /** Names the asks (proofs, ends, ticket events, freezes) that nobody has recorded yet; `""` = none. */
  readonly asks: string;
  /** Names the messages that nobody has sent yet and that may be tried now; `""` = none. */
  readonly unsent: string;
}
