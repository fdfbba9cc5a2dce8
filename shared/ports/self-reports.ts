import type { CheckResult, ExaminedPart } from "../domain/doctor.ts";
import type { Instant } from "../domain/time.ts";
import type { OwnIdentity } from "./doctor.ts";

/** What a part of the app found about itself. */
export interface SelfReport {
  readonly part: ExaminedPart;
  readonly at: Instant;
  readonly identity: OwnIdentity | null;
  readonly results: readonly CheckResult[];
}

/** When timers ran, and what the parts say of themselves. Every call may be repeated. @throws DependencyError */
export interface SelfReports {
  noteRun(timer: string, at: Instant): Promise<void>;
  /** By the name of the timer. */
  lastRuns(): Promise<ReadonlyMap<string, Instant>>;
  keep(report: SelfReport): Promise<void>;
  kept(): Promise<readonly SelfReport[]>;
}
