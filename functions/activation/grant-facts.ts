import { isSelfMade } from "../../shared/domain/opening.ts";
import { plus, type Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import type { Freeze } from "../../shared/ports/controls.ts";
import { approvalFor, fetchTicket } from "../activities/open-activation.ts";
import type { Worker } from "../worker.ts";
import { readApproverFacts } from "./approver-facts.ts";
import { verdictsFor, type FrozenRequest } from "./frozen-request.ts";
import type { GrantFacts } from "./grant-check.ts";

/** Everything the grant rests on, read anew. @throws DependencyError */
export async function readGrantFacts(
  worker: Worker,
  record: ActivationRecord,
  { request, digest }: FrozenRequest,
  now: Instant,
): Promise<GrantFacts> {
  const { policy, people } = worker.policies;
  const role = policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === request.roleDefinitionId);
  const person = people.byKey(request.person);
  const manual = role && request.approval === "manual" ? approvalFor(role, true) : undefined;
  const [account, eligibilities, ticket, { freeze, recentGrants }, policyAccepted, contextGap, approverFacts] =
    await Promise.all([
      worker.directory.account(request.principalId),
      worker.directory.eligibilities(request.principalId),
      fetchTicket(worker, request),
      readBreaker(worker, now),
      worker.acceptance.isAccepted(),
      worker.contextGuard.gap(),
      person && manual !== undefined && manual !== "automatic" ? readApproverFacts(worker, manual, person) : undefined,
    ]);
  return {
    request,
    policy,
    role,
    person,
    account,
    eligibilities,
    ticket,
    verdicts: verdictsFor(worker.sealing, record, digest),
    approval: role && approvalFor(role, person !== undefined && ticket !== undefined && isSelfMade(ticket, person)),
    approverFacts,
    frozen: freeze !== undefined,
    policyAccepted,
    contextGap,
    recentGrants,
  };
}

/** Two persons who resumed the grants answered for those before: the breaker counts from there. */
async function readBreaker(
  { controls, policies }: Worker,
  now: Instant,
): Promise<{ readonly freeze: Freeze | undefined; readonly recentGrants: number }> {
  const windowBegan = plus(now, -policies.policy.breaker.withinMs);
  const [{ freeze, resumedAt }, recentGrants] = await Promise.all([
    controls.standing(),
    controls.grantsSince(windowBegan),
  ]);
  const isNewWindow = resumedAt !== undefined && resumedAt > windowBegan;
  return { freeze, recentGrants: isNewWindow ? await controls.grantsSince(resumedAt) : recentGrants };
}
