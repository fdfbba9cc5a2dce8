import { tendEligibility } from "../eligibility/tend-eligibility.ts";
import { checkDrift, type DriftChecker } from "../standing/drift.ts";

/** Once a day: findings about the tenant, and eligibilities that end or must. */
export const checkDaily = (checker: DriftChecker) => async (): Promise<void> => {
  const posture = await checkDrift(checker);
  if (posture) await tendEligibility(checker, posture);
};
