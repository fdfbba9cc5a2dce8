import { tendEligibility } from "../eligibility/tend-eligibility.ts";
import { checkDrift, type DriftChecker } from "../standing/drift.ts";
import { readPosture } from "../standing/read-posture.ts";

/**
 * Four times a day: findings about the tenant, and eligibilities that end or must, unless it is only watched. What findings
 * cannot be written or told holds up no removal.
 */
export const checkDaily = (checker: DriftChecker) => async (): Promise<void> => {
  const { governance, mode } = checker.policies.policy;
  if (!governance) return;
  const posture = await readPosture(checker);
  try {
    await checkDrift(checker, governance, posture);
  } finally {
    if (mode !== "observe") await tendEligibility(checker, posture);
  }
};
