import type { Policy } from "./policy.ts";
import type { PersonKey } from "./ids.ts";
import { MINUTE_MS, type Instant } from "./time.ts";

/** How many persons of the identity team lift a freeze. */
export const PERSONS_TO_RESUME = 2;
/** How old a sign-in may be when the worker verifies it. */
export const RESUME_MAX_AGE_MS = 10 * MINUTE_MS;

/** What a sign-in that lifts a freeze has to satisfy: the same as the step-up of a top role. */
export const resumeContext = ({ roles }: Pick<Policy, "roles">): string | undefined =>
  (roles.find(({ tier0 }) => tier0) ?? roles[0])?.stepUp.authenticationContext;

/** What lifts a freeze, under the worker's seal. */
export interface Lift {
  readonly freezeId: string;
  readonly persons: readonly PersonKey[];
  readonly at: Instant;
}
