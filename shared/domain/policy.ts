import type { DirectoryScopeId, PersonKey, PrincipalId, RoleDefinitionId } from "./ids.ts";
import type { TicketSystemName } from "./ticket.ts";
import type { Instant } from "./time.ts";

/** `policy/roles.yaml`, validated: who may hold what, for how long, approved by whom. Durations in milliseconds. */
export interface Policy {
  /** SHA-256 over the canonical form of both policy files; every record carries it. */
  readonly hash: string;
  readonly tenantId: string;
  /** `observe`: nothing is given and nothing is changed; what was given earlier is still taken back. */
  readonly mode: "enforce" | "observe";
  /** What becomes of a listed role that somebody activated in PIM itself. */
  readonly selfActivated: "report" | "end";
  readonly breakGlassAccounts: readonly PrincipalId[];
  /** Members may end any activation, freeze, and read the audit trail. */
  readonly identityTeamGroup: PrincipalId;
  /** Where alerts for the identity team go. */
  readonly alertMail: string;
  readonly caps: { readonly openPerPerson: number; readonly openPerTicketCreator: number };
  readonly breaker: { readonly grants: number; readonly withinMs: number };
  readonly ticketSystems: Readonly<Partial<Record<TicketSystemName, TicketSystemPolicy>>>;
  /** Systems that may ask by message, by the name of their queue. */
  readonly senders: Readonly<Record<string, SenderPolicy>>;
  /** `undefined`: nobody may change through this system who is eligible or what stands. */
  readonly governance: Governance | undefined;
  readonly roles: readonly RolePolicy[];
}

/** Who decides about eligibility and standing access, and what may stand. */
export interface Governance {
  /** May ask for changes of eligibility; the identity team may as well. */
  readonly owners: readonly ApproverSource[];
  /** The second person: never who asks, never who gains. */
  readonly approvers: readonly ApproverSource[];
  readonly decideWithinMs: number;
  readonly longestEligibilityMs: number;
  /** Object ids of this system's own identities. */
  readonly ownIdentities: readonly PrincipalId[];
  /** The role-assignable group of the break-glass accounts: only they may approve an activation in PIM itself. */
  readonly nativeDoorGroup: PrincipalId | undefined;
  /** Grants stop while Conditional Access behind a role's authentication context falls short. */
  readonly stopGrantsOnContextGap: boolean;
  readonly exceptions: readonly StandingException[];
  /** `undefined`: nobody reviews. */
  readonly reviews: ReviewPolicy | undefined;
}

/** How often and by whom eligibility is reviewed. */
export interface ReviewPolicy {
  /** The first campaign opens then, and every one `everyMs` after it, whatever restarts meanwhile. */
  readonly from: Instant;
  readonly everyMs: number;
  /** Until the deadline. */
  readonly withinMs: number;
  readonly remindAfterMs: number;
  readonly reviewers: readonly ApproverSource[];
  /** Who is asked when no reviewer signed anything by then; `undefined`: nobody else. */
  readonly escalation: { readonly afterMs: number; readonly to: readonly ApproverSource[] } | undefined;
  /** What becomes of an eligibility that nobody answered for. */
  readonly noAnswer: "remove" | "keep";
  /** Where reviewers answer; left out: here. */
  readonly where?: "entra";
}

/** A permanent assignment that may stay, because somebody answers for it until a day. */
export interface StandingException {
  readonly principalId: PrincipalId;
  readonly roleDefinitionId: RoleDefinitionId;
  readonly owner: PersonKey;
  /** The first instant at which it does not count any more. */
  readonly until: Instant;
  readonly because: string;
}

export interface SenderPolicy {
  /** For whom it may ask. */
  readonly people: "all" | readonly string[];
  readonly roles: readonly RoleDefinitionId[];
  /** Activations of this sender that may be open at once. */
  readonly openAtMost: number;
}

/** How one ticket system is read: every name is the site's own. */
export interface TicketSystemPolicy {
  /** Ticket types (tables, issue types) with the raw states that mean open; `cancelledStates` end access at once. */
  readonly types: Readonly<
    Record<string, { readonly openStates: readonly string[]; readonly cancelledStates: readonly string[] }>
  >;
  /** Regular expression a ticket number must match as a whole. */
  readonly numberPattern: string;
  readonly fields: {
    readonly role: string;
    readonly duration: string;
    readonly scope: string;
    readonly windowStart?: string;
    readonly windowEnd?: string;
    readonly configurationItem?: string;
  };
  /** Jira only: projects that may be used. */
  readonly projects?: readonly string[];
}

export interface RolePolicy {
  readonly roleDefinitionId: RoleDefinitionId;
  readonly name: string;
  readonly tier0: boolean;
  readonly maximumDurationMs: number;
  /** Directory scopes this role may be activated at; `undefined` = wherever the person is eligible. */
  readonly scopes: readonly DirectoryScopeId[] | undefined;
  readonly tickets: readonly TicketRule[];
  readonly stepUp: { readonly authenticationContext: string; readonly maxAgeMs: number; readonly withinMs: number };
  readonly approval: ApprovalPolicy;
  /** `immediate`: granted as soon as everything is proven inside the window. `onStart`: the requester presses Start. */
  readonly start: "immediate" | "onStart";
  readonly hours: HoursPolicy | undefined;
  readonly onTicketClosed:
    { readonly kind: "end" } | { readonly kind: "grace"; readonly ms: number } | { readonly kind: "notify" };
  /** How many activations one ticket may open for one person, role and scope. */
  readonly usesPerTicket: number;
}

export interface TicketRule {
  readonly system: TicketSystemName;
  readonly type: string;
  /** `required`: the ticket must have a planned window that holds now and the end, give or take `graceMs`. */
  readonly window: "required" | "ignored";
  readonly graceMs: number;
  /** Whether the ticket must be approved in its own system. */
  readonly approved: boolean;
  /** Whether the ticket's fields must name this role. */
  readonly namesRole: boolean;
}

export type ApprovalPolicy =
  /** Granted without a second person, unless the person made the ticket: then `unlessSelfMade`, or a refusal. */
  | { readonly mode: "automatic"; readonly unlessSelfMade: ManualApproval | undefined }
  | ({ readonly mode: "manual" } & ManualApproval);

export interface ManualApproval {
  /** All must be met; one decision of one person counts for every requirement that names the person. */
  readonly requirements: readonly RequirementPolicy[];
  readonly decideWithinMs: number;
  readonly remindAfterMs: number;
  readonly escalateAfterMs: number;
  /** Asked when `escalateAfterMs` has passed; they count for every requirement. */
  readonly backups: readonly ApproverSource[];
}

export interface RequirementPolicy {
  readonly name: string;
  readonly count: number;
  readonly from: readonly ApproverSource[];
}

export type ApproverSource =
  | { readonly kind: "user"; readonly account: PrincipalId }
  | { readonly kind: "group"; readonly group: PrincipalId }
  | { readonly kind: "manager" };

/** Days and local hours in an IANA time zone, `HH:mm`, from inclusive to exclusive. */
export interface HoursPolicy {
  readonly zone: string;
  readonly days: readonly ("Mon" | "Tue" | "Wed" | "Thu" | "Fri" | "Sat" | "Sun")[];
  readonly from: string;
  readonly to: string;
}
