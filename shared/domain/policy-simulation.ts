import type { ActivationClaim } from "./activation.ts";
import type { ApproverPlan } from "./approver-plan.ts";
import type { PersonKey } from "./ids.ts";
import { decideOpening } from "./opening.ts";
import type { PeopleMap, Person } from "./people.ts";
import type { Policy, RolePolicy } from "./policy.ts";
import { REASONS, refusal, type ReasonCode, type Refusal } from "./reasons.ts";
import type { Ticket } from "./ticket.ts";
import { formatDuration } from "./time.ts";

/** A request of the past with what was kept of it. */
export interface PastRequest {
  readonly claim: ActivationClaim;
  /** The ticket as it was accepted; `undefined`: the request was never opened, and the ticket was not kept. */
  readonly ticket: Ticket | undefined;
  /** Whether the person made the ticket, as far as the outcome tells. */
  readonly selfMade: boolean;
  /** Why it was closed before anybody was asked. */
  readonly closedFor: ReasonCode | undefined;
}

/** What becomes of a past request under one policy. */
export type Outcome =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "opened"; readonly role: RolePolicy; readonly plan: ApproverPlan };

/** One thing that another policy changes for a request, with a sentence for people. */
export interface OutcomeChange {
  readonly kind:
    "refused" | "allowed" | "approvalNeeded" | "approvalNotNeeded" | "otherApprovers" | "otherSignIn" | "otherStart";
  readonly text: string;
}

/**
 * Whether a policy lets the request in, by the decision that real requests get. What was not kept is taken as it was
 * accepted then: eligibility, account, what else was open or held. Pure.
 */
export function reopen(
  { claim, ticket }: PastRequest,
  { policy, people }: { readonly policy: Policy; readonly people: PeopleMap },
): { readonly role: RolePolicy; readonly person: Person } | { readonly refusal: Refusal } {
  const role = policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === claim.roleDefinitionId);
  const person = people.byKey(claim.person);
  const missed = decideOpening(
    {
      claim,
      policy,
      role,
      person,
      account: { id: claim.principalId, enabled: true, userType: "Member" },
      eligibilities: [{ ...claim, memberType: "Direct", endsAt: undefined }],
      ticket,
      openForPerson: 0,
      openForCreator: 0,
      openForSender: 0,
      heldAlready: false,
      blocked: false,
      frozen: false,
      policyAccepted: true,
    },
    claim.claimedAt,
  ).find(({ reason }) => ticket !== undefined || reason !== "TicketNotFound");
  if (missed) return { refusal: missed };
  return role && person ? { role, person } : { refusal: refusal("RoleNotAllowed", claim.roleDefinitionId) };
}

/** Whether the request was closed for something that the policy in force does not decide: then no policy changes it. */
export const isClosedByFacts = ({ closedFor }: PastRequest, before: Outcome): boolean =>
  closedFor !== undefined && !(before.kind === "refused" && before.refusal.reason === closedFor);

/** What the person would notice of the other policy, the weightiest first; none = the same. Pure. */
export function outcomeChanges(
  before: Outcome,
  after: Outcome,
  named: (person: PersonKey) => string,
): readonly OutcomeChange[] {
  if (after.kind === "refused")
    return before.kind === "refused"
      ? []
      : [{ kind: "refused", text: `would be refused ${reasonText(after.refusal)}` }];
  if (before.kind === "refused")
    return [
      {
        kind: "allowed",
        text: `would be allowed, ${approvalText(after.plan, named)}; now it is refused ${reasonText(before.refusal)}`,
      },
    ];
  return [
    ...approvalChange(before.plan, after.plan, named),
    ...signInChange(before.role.stepUp, after.role.stepUp),
    ...startChange(before.role.start, after.role.start),
  ];
}

const reasonText = ({ reason, detail }: Refusal): string =>
  `as ${reason}: ${REASONS[reason]}${detail === undefined ? "" : ` (${detail})`}`;

function approvalChange(
  before: ApproverPlan,
  after: ApproverPlan,
  named: (person: PersonKey) => string,
): readonly OutcomeChange[] {
  if (termsOf(before) === termsOf(after)) return [];
  if (after.requirements.length === 0)
    return [{ kind: "approvalNotNeeded", text: `would need no approval; now ${requirementsText(before, named)}` }];
  if (before.requirements.length === 0)
    return [{ kind: "approvalNeeded", text: `would need approval: ${requirementsText(after, named)}` }];
  return [
    {
      kind: "otherApprovers",
      text: `other approvers: ${requirementsText(after, named)}; now ${requirementsText(before, named)}`,
    },
  ];
}

/** Who may approve and how many must, as text that is the same where that is the same. */
const termsOf = ({ requirements, approvers }: ApproverPlan): string =>
  JSON.stringify([
    requirements.map(({ count, persons }) => [count, ...persons.toSorted()].join()).toSorted(),
    backupsOf(approvers).toSorted(),
  ]);

const backupsOf = (approvers: ApproverPlan["approvers"]): readonly PersonKey[] =>
  approvers.filter(({ backup }) => backup).map(({ person }) => person);

const approvalText = (plan: ApproverPlan, named: (person: PersonKey) => string): string =>
  plan.requirements.length === 0 ? "without approval" : `approved by ${requirementsText(plan, named)}`;

function requirementsText({ requirements, approvers }: ApproverPlan, named: (person: PersonKey) => string): string {
  const wanted = requirements.map(({ name, count, persons }) => `${count} of ${list(persons.map(named))} (${name})`);
  const backups = backupsOf(approvers);
  return wanted.join(" and ") + (backups.length === 0 ? "" : `, later also ${list(backups.map(named))}`);
}

const MOST_NAMES = 6;

const list = (names: readonly string[]): string =>
  [...names.slice(0, MOST_NAMES), ...(names.length > MOST_NAMES ? [`${names.length - MOST_NAMES} others`] : [])].join(
    ", ",
  ) || "the backups";

function signInChange(before: RolePolicy["stepUp"], after: RolePolicy["stepUp"]): readonly OutcomeChange[] {
  const [was, is] = [signInText(before), signInText(after)];
  return was === is ? [] : [{ kind: "otherSignIn", text: `other sign-in: ${is}; now ${was}` }];
}

const signInText = ({ authenticationContext, maxAgeMs, withinMs }: RolePolicy["stepUp"]): string =>
  `${authenticationContext}, within ${formatDuration(withinMs)}, at most ${formatDuration(maxAgeMs)} old at the grant`;

const startChange = (before: RolePolicy["start"], after: RolePolicy["start"]): readonly OutcomeChange[] =>
  before === after
    ? []
    : [
        {
          kind: "otherStart",
          text: after === "onStart" ? "would be granted only when the person starts it" : "would be granted at once",
        },
      ];
