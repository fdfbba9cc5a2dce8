import { EventType, type HistoryEvent } from "./history.ts";

const NAMES = new Map<number, string>(Object.entries(EventType).map(([name, type]) => [type, name]));

const MERGED: readonly number[] = [
  EventType.TaskCompleted,
  EventType.TaskFailed,
  EventType.SubOrchestrationInstanceCompleted,
  EventType.SubOrchestrationInstanceFailed,
  EventType.TimerFired,
];

const DECISIONS: readonly number[] = [
  EventType.TaskScheduled,
  EventType.SubOrchestrationInstanceCreated,
  EventType.TimerCreated,
];

/** The history as the status query shows it: marks are left out, a decision stands with its completion. */
export function shapedHistory(history: readonly HistoryEvent[], withOutput: boolean): object[] {
  const decisions = new Map(
    history.filter((one) => DECISIONS.includes(one.EventType)).map((one) => [one.EventId, one]),
  );
  const completed = new Set(history.filter((one) => MERGED.includes(one.EventType)).map(idOf));
  return history
    .filter(({ EventType: type }) => type !== EventType.OrchestratorStarted && type !== EventType.OrchestratorCompleted)
    .filter((one) => !(DECISIONS.includes(one.EventType) && completed.has(one.EventId)))
    .map((one) => shaped(one, MERGED.includes(one.EventType) ? decisions.get(idOf(one)) : undefined, withOutput));
}

const idOf = (one: HistoryEvent): number => Number(one["TaskScheduledId"] ?? one["TimerId"]);

const HIDDEN = ["EventType", "EventId", "IsPlayed", "OrchestrationInstance", "TaskScheduledId", "TimerId"];
const HIDDEN_AT_START = [...HIDDEN, "Name", "ParentInstance", "Version", "Tags"];

function shaped(one: HistoryEvent, decision: HistoryEvent | undefined, withOutput: boolean): object {
  const hidden = one.EventType === EventType.ExecutionStarted ? HIDDEN_AT_START : HIDDEN;
  const fields = Object.entries(one)
    .filter(([name]) => !hidden.includes(name) && (withOutput || name !== "Result"))
    .map(([name, field]) => [name, name === "Result" ? value(field) : field]);
  const named = decision?.["Name"] ?? (one.EventType === EventType.ExecutionStarted ? one["Name"] : undefined);
  return {
    EventType: NAMES.get(one.EventType),
    ...(Object.fromEntries(fields) as object),
    ...(decision ? { ScheduledTime: decision.Timestamp } : {}),
    ...(named === undefined ? {} : { FunctionName: named }),
  };
}

const value = (text: unknown): unknown => {
  if (typeof text !== "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
