import type { ActivationRequest } from "../../shared/domain/activation.ts";
import { planApprovers, type ApproverFacts } from "../../shared/domain/approver-plan.ts";
import { tally } from "../../shared/domain/approval.ts";
import type { Account, Eligibility } from "../../shared/domain/directory.ts";
import { withinHours } from "../../shared/domain/hours.ts";
import { MINIMUM_DURATION_MS } from "../../shared/domain/opening.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ManualApproval, Policy, RolePolicy } from "../../shared/domain/policy.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { checkTicket, timeLeftInWindow } from "../../shared/domain/ticket-check.ts";
import type { Ticket } from "../../shared/domain/ticket.ts";
import { plus, type Instant } from "../../shared/domain/time.ts";
import type { Verdict } from "../../shared/domain/verdict.ts";
import { decisionsOf, GRANT_WITHIN_MS, newestSignIn } from "./after-proof.ts";

/** Everything the grant rests on, read again right before it. */
export interface GrantFacts {
  readonly request: ActivationRequest;
  readonly policy: Policy;
  readonly role: RolePolicy | undefined;
  readonly person: Person | undefined;
  readonly account: Account | undefined;
  readonly eligibilities: readonly Eligibility[];
  readonly ticket: Ticket | undefined;
  readonly verdicts: readonly Verdict[];
  readonly approval: ManualApproval | "automatic" | undefined;
  readonly approverFacts: ApproverFacts | undefined;
  readonly frozen: boolean;
  readonly policyAccepted: boolean;
  readonly contextGap: string | undefined;
  readonly recentGrants: number;
}

/** For how long the role may be granted now, or the first constraint that is not met any more. Pure. */
export function decideGrant(
  facts: GrantFacts,
  approvedMs: number,
  now: Instant,
): { readonly durationMs: number } | { readonly refusal: Refusal } {
  const { request, policy, role, person } = facts;
  if (policy.mode === "observe") return { refusal: refusal("ObserveOnly") };
  if (!facts.policyAccepted) return { refusal: refusal("PolicyNotAccepted") };
  if (facts.contextGap !== undefined) return { refusal: refusal("ContextGap", facts.contextGap) };
  if (!role || !person?.adminAccounts.includes(request.principalId)) return { refusal: refusal("PolicyChanged") };
  if (policy.breakGlassAccounts.includes(request.principalId)) return { refusal: refusal("BreakGlassAccount") };
  const durationMs = Math.min(approvedMs, request.durationMs, role.maximumDurationMs, windowLeft(facts, role, now));
  const [missed] = [
    ...(facts.frozen ? [refusal("Frozen")] : []),
    ...(facts.recentGrants >= policy.breaker.grants ? [refusal("BreakerOpen")] : []),
    ...(facts.account?.enabled === true && facts.account.userType === "Member" ? [] : [refusal("PrincipalNotAllowed")]),
    ...(isEligible(facts) ? [] : [refusal("NotEligible", request.directoryScopeId)]),
    ...(role.hours && !withinHours(role.hours, now) ? [refusal("OutsideHours")] : []),
    ...checkTicket(facts.ticket, { claim: { ...request, durationMs }, role, person, moment: "grant" }, now),
    ...(isProven(facts.verdicts, role, now) ? [] : [refusal("StepUpTimedOut")]),
    ...approved(facts),
    ...(durationMs < MINIMUM_DURATION_MS ? [refusal("OutsideTicketWindow")] : []),
  ];
  return missed ? { refusal: missed } : { durationMs };
}

/** The state says nothing of how old the sign-in is: whoever can set rows back would have an old one grant again. */
function isProven(verdicts: readonly Verdict[], { stepUp }: RolePolicy, now: Instant): boolean {
  const signedInAt = newestSignIn(verdicts);
  return signedInAt !== undefined && now <= plus(signedInAt, stepUp.maxAgeMs + GRANT_WITHIN_MS);
}

const isEligible = ({ request, eligibilities }: GrantFacts): boolean =>
  eligibilities.some(
    (one) => one.roleDefinitionId === request.roleDefinitionId && one.directoryScopeId === request.directoryScopeId,
  );

function windowLeft({ request, ticket }: GrantFacts, role: RolePolicy, now: Instant): number {
  const rule = role.tickets.find(
    ({ system, type }) => system === request.ticket.system && type === request.evidence.type,
  );
  return (ticket && rule && timeLeftInWindow(ticket, rule, now)) ?? Number.POSITIVE_INFINITY;
}

/** The quorum counted again, over those who may approve by today's policy and directory and were asked then. */
function approved({ request, approval, approverFacts, verdicts }: GrantFacts): readonly Refusal[] {
  if (approval === "automatic") return [];
  if (approval === undefined || approverFacts === undefined) return [refusal("PolicyChanged")];
  const plan = planApprovers(approval, request.person, approverFacts);
  if ("refusal" in plan) return [plan.refusal];
  const askedThen = new Set(request.approvers.map(({ person }) => person));
  const requirements = plan.requirements.map((one) => ({
    ...one,
    persons: one.persons.filter((person) => askedThen.has(person)),
  }));
  const backups = plan.approvers
    .filter(({ person, backup }) => backup && askedThen.has(person))
    .map(({ person }) => person);
  const result = tally(request.person, requirements, backups, decisionsOf(verdicts));
  if (result.kind === "denied") return [refusal("RejectedByApprover", result.reason)];
  return result.kind === "approved" ? [] : [refusal("ApproverNotEntitled", result.missing.join(", "))];
}
