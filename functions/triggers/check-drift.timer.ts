import { tendEligibility } from "../eligibility/tend-eligibility.ts";
import { checkDrift, type DriftChecker } from "../standing/drift.ts";

/** Once a day: findings about the tenant, and eligibilities that end or must, unless it is only watched. */
export const checkDaily = (checker: DriftChecker) => async (): Promise<void> => {
  const posture = await checkDrift(checker);
  if (posture && checker.policies.policy.mode !== "observe") await tendEligibility(checker, posture);
};
