import type { Policy } from "../../shared/domain/policy.ts";
import { DAY_MS, plus, type Instant } from "../../shared/domain/time.ts";

/** Use is looked at over a little more than the time between two campaigns. */
export const reviewedSince = ({ governance }: Policy, askedAt: Instant): Instant =>
  plus(askedAt, -(governance?.reviews?.everyMs ?? 0) - DAY_MS);
