import type { Instant } from "../domain/time.ts";

/** Time enters as a value; the adapter reads `Date`. */
export interface Clock {
  now(): Instant;
}
