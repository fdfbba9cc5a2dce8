import type { ActivationClaim } from "./activation.ts";
import type { Account, Eligibility } from "./directory.ts";
import { withinHours } from "./hours.ts";
import type { Person } from "./people.ts";
import type { Policy, RolePolicy, SenderPolicy } from "./policy.ts";
import { refusal, type Refusal } from "./reasons.ts";
import { checkTicket } from "./ticket-check.ts";
import type { Ticket } from "./ticket.ts";
import { MINUTE_MS, type Instant } from "./time.ts";

/** Everything the decision to open a request rests on, fetched before. */
export interface OpeningFacts {
  readonly claim: ActivationClaim;
  readonly policy: Policy;
  readonly role: RolePolicy | undefined;
  readonly person: Person | undefined;
  readonly account: Account | undefined;
  readonly eligibilities: readonly Eligibility[];
  readonly ticket: Ticket | undefined;
  /** Other activations of this person that are not finished. */
  readonly openForPerson: number;
  /** Other activations that are not finished and came from tickets of the same creator. */
  readonly openForCreator: number;
  /** Other activations that are not finished and were asked for by the same system. */
  readonly openForSender: number;
  /** Whether the role is held at this scope now, by us or by anybody else. */
  readonly heldAlready: boolean;
  readonly blocked: boolean;
  readonly frozen: boolean;
  readonly policyAccepted: boolean;
  /** Where Conditional Access falls short, if grants stop for it. */
  readonly contextGap?: string | undefined;
}

/** The shortest time an assignment may have in the directory. */
export const MINIMUM_DURATION_MS = 5 * MINUTE_MS;

/** Characters that a request says at least about why. */
export const MINIMUM_JUSTIFICATION = 10;

/** Every constraint that the request misses, the weightiest first; none = it may be opened. Pure. */
export function decideOpening(facts: OpeningFacts, now: Instant): readonly Refusal[] {
  const { claim, policy, role, person } = facts;
  if (policy.mode === "observe") return [refusal("ObserveOnly")];
  if (!facts.policyAccepted) return [refusal("PolicyNotAccepted")];
  if (facts.contextGap !== undefined) return [refusal("ContextGap", facts.contextGap)];
  if (policy.breakGlassAccounts.includes(claim.principalId)) return [refusal("BreakGlassAccount")];
  if (!role) return [refusal("RoleNotAllowed", claim.roleDefinitionId)];
  if (!person?.adminAccounts.includes(claim.principalId)) return [refusal("PersonUnknown", claim.principalId)];
  return [
    ...principal(facts.account),
    ...eligibility(facts),
    ...checkDuration(claim.durationMs, role),
    ...checkTicket(facts.ticket, { claim, role, person, moment: "submission" }, now),
    ...(role.hours && !withinHours(role.hours, now) ? [refusal("OutsideHours")] : []),
    ...(facts.blocked ? [refusal("PersonBlocked")] : []),
    ...(facts.openForPerson >= policy.caps.openPerPerson
      ? [refusal("TooManyOpenRequests", `${policy.caps.openPerPerson}`)]
      : []),
    ...(facts.openForCreator >= policy.caps.openPerTicketCreator
      ? [refusal("TooManyFromTicketCreator", `${policy.caps.openPerTicketCreator}`)]
      : []),
    ...askedBy(facts),
    ...(facts.heldAlready ? [refusal("AlreadyActive")] : []),
    ...(facts.frozen ? [refusal("Frozen")] : []),
  ];
}

/** Also what an older policy let in is held against the one in force. */
function askedBy({ claim, policy, openForSender }: OpeningFacts): readonly Refusal[] {
  if (claim.sender === undefined) return [];
  const sender = policy.senders[claim.sender];
  if (!sender || !maySend(sender, claim)) return [refusal("SenderNotAllowed", claim.sender)];
  return openForSender >= sender.openAtMost ? [refusal("TooManyFromSender", `${sender.openAtMost}`)] : [];
}

/** Whether the system may ask for this role for this person. */
export const maySend = (
  { people, roles }: SenderPolicy,
  wanted: Pick<ActivationClaim, "person" | "roleDefinitionId">,
): boolean => (people === "all" || people.includes(wanted.person)) && roles.includes(wanted.roleDefinitionId);

const principal = (account: Account | undefined): readonly Refusal[] =>
  account?.enabled === true && account.userType === "Member" ? [] : [refusal("PrincipalNotAllowed")];

function eligibility({ claim, role, eligibilities }: OpeningFacts): readonly Refusal[] {
  const eligible = eligibilities.some(
    (one) => one.roleDefinitionId === claim.roleDefinitionId && one.directoryScopeId === claim.directoryScopeId,
  );
  const allowed = role?.scopes === undefined || role.scopes.includes(claim.directoryScopeId);
  return eligible && allowed ? [] : [refusal("NotEligible", claim.directoryScopeId)];
}

/** Whether the role may be held for so long. */
export function checkDuration(durationMs: number, role: Pick<RolePolicy, "maximumDurationMs">): readonly Refusal[] {
  if (durationMs < MINIMUM_DURATION_MS) return [refusal("DurationTooShort")];
  return durationMs > role.maximumDurationMs
    ? [refusal("DurationTooLong", `at most ${role.maximumDurationMs / MINUTE_MS} minutes`)]
    : [];
}

/** Whether the person made the ticket they are assigned to. */
export const isSelfMade = (ticket: Ticket, person: Person): boolean =>
  ticket.creator !== undefined &&
  ticket.creator === (ticket.system === "servicenow" ? person.servicenowUser : person.jiraAccount);
