import type { PaceTaken } from "../domain/write-pace.ts";
import type { Instant } from "../domain/time.ts";

/** Shares Graph's quota of writes among everything that is worked in bulk, over every instance of the worker. */
export interface WritePace {
  /** Takes as many as there are, at most so many, for writes that follow at once. What is not used is lost. @throws DependencyError */
  take(wanted: number, at: Instant): Promise<PaceTaken>;
}
