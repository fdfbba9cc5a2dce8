import { parseTimeSpan } from "../timer/timer-schedule.ts";

/** What the task hub takes from `extensions.durableTask` of host.json, in milliseconds. */
export interface TaskHubSettings {
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
  /** After a crash, work that the dead process had taken comes back after these. */
  readonly controlQueueVisibilityTimeoutMs: number;
  readonly workItemQueueVisibilityTimeoutMs: number;
  readonly overridableExistingInstanceStates: "NonRunningStates" | "AnyState";
}

const FIVE_MINUTES = 300_000;

/** Reads `extensions.durableTask`; what it does not name has the default of the extension. */
export function parseTaskHubSettings(durableTask: unknown): TaskHubSettings {
  const root = objectOf(durableTask);
  const storage = objectOf(root["storageProvider"]);
  return {
    maxConcurrentActivities: numberOf(root["maxConcurrentActivityFunctions"], 10),
    maxConcurrentOrchestrators: numberOf(root["maxConcurrentOrchestratorFunctions"], 10),
    controlQueueVisibilityTimeoutMs: timeOf(storage["controlQueueVisibilityTimeout"], FIVE_MINUTES),
    workItemQueueVisibilityTimeoutMs: timeOf(storage["workItemQueueVisibilityTimeout"], FIVE_MINUTES),
    overridableExistingInstanceStates:
      root["overridableExistingInstanceStates"] === "AnyState" ? "AnyState" : "NonRunningStates",
  };
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const numberOf = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);

const timeOf = (value: unknown, otherwiseMs: number): number =>
  value === undefined ? otherwiseMs : parseTimeSpan(typeof value === "string" ? value : JSON.stringify(value));
