import { digestOf } from "../../shared/crypto/digest.ts";
import type { PlanItemView, StandingPlanView } from "../../shared/contracts/standing.ts";
import { countRoles } from "../../shared/domain/posture-report.ts";
import type { Governance, Policy } from "../../shared/domain/policy.ts";
import { PLAN_REASONS, planConversion, type Permissions, type PlanItem } from "../../shared/domain/standing-plan.ts";
import { formatDuration } from "../../shared/domain/time.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import { readPosture, type PostureReader } from "./read-posture.ts";

/** The plan of this moment. Changes nothing. @throws DependencyError */
export async function makePlan(
  reader: PostureReader & {
    readonly policies: PolicyStore;
    readonly workerPermissions: () => Promise<Permissions>;
  },
  policy: Policy & { readonly governance: Governance },
): Promise<StandingPlanView> {
  const [posture, rules, licences, permissions] = await Promise.all([
    readPosture(reader),
    reader.posture.eligibilityRules(),
    reader.posture.licences(),
    reader.workerPermissions(),
  ]);
  const { people } = reader.policies;
  const plan = planConversion(posture, { policy, people, rules, licences, permissions });
  const roles = countRoles(posture, policy, new Set());
  const content = { version: 1 as const, ...plan, preflight: [...plan.preflight], roles: [...roles] };
  return withId({ ...content, items: plan.items.map(viewOf) });
}

const withId = (content: Omit<StandingPlanView, "id">): StandingPlanView => ({ ...content, id: planId(content) });

/** The digest that a plan carries; any change makes it another. */
export const planId = (content: Omit<StandingPlanView, "id">): string => digestOf(content);

const viewOf = ({ eligibleForMs, ...item }: PlanItem): PlanItemView => ({
  ...item,
  explanation: PLAN_REASONS[item.reason],
  eligibleFor: eligibleForMs === 0 ? "" : formatDuration(eligibleForMs),
});
