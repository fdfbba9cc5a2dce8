import { EventType, type HistoryEvent } from "./history.ts";
import { rawValue } from "./http-messages.ts";
import type { Instance } from "./store.ts";

const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(EventType).map(([name, type]) => [type, name]),
);
const HIDDEN = new Set([
  "EventType",
  "EventId",
  "IsPlayed",
  "OrchestrationInstance",
  "ParentInstance",
  "Version",
  "TaskScheduledId",
  "TimerId",
]);

/** The status of an instance as JSON text: `output` may be what is no JSON, so it is put together by hand. */
export function statusText(instance: Instance, showInput: boolean, historyEvents?: readonly string[]): string {
  const fields = [
    `"name":${JSON.stringify(instance.name)}`,
    `"instanceId":${JSON.stringify(instance.instanceId)}`,
    `"runtimeStatus":"${instance.status}"`,
    `"input":${showInput ? rawValue(instance.input) : "null"}`,
    `"customStatus":${rawValue(instance.customStatus)}`,
    `"output":${rawValue(instance.parked ?? instance.output)}`,
    `"createdTime":"${seconds(instance.createdAt)}"`,
    `"lastUpdatedTime":"${seconds(instance.updatedAt)}"`,
    ...(historyEvents ? [`"historyEvents":[${historyEvents.join(",")}]`] : []),
  ];
  return `{${fields.join(",")}}`;
}

const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** Two decisions with one id: what remains of a run that was found not to be deterministic. */
export class DuplicateDecision extends Error {}

/** The history as people see it, each event as JSON text: a decision is shown inside its completion. */
export function shapeHistory(history: readonly HistoryEvent[], showOutput: boolean): string[] {
  const shown: (string | undefined)[] = [];
  const scheduled = new Map<string, { readonly index: number; readonly event: HistoryEvent }>();
  for (const event of history) {
    if (event.EventType === 12 || event.EventType === 13) continue;
    if (event.EventType === 4 || event.EventType === 7) {
      const key = `${NAMES[event.EventType] ?? ""}_${event.EventId}`;
      if (scheduled.has(key)) throw new DuplicateDecision(key);
      scheduled.set(key, { index: shown.length, event });
    }
    const decision = scheduled.get(scheduledKey(event) ?? "");
    if (decision) shown[decision.index] = undefined;
    shown.push(eventText(event, decision?.event, showOutput));
  }
  return shown.filter((text) => text !== undefined);
}

function scheduledKey(event: HistoryEvent): string | undefined {
  if (event.EventType === 5 || event.EventType === 6) return `TaskScheduled_${event.TaskScheduledId}`;
  if (event.EventType === 8 || event.EventType === 9) return `SubOrchestrationInstanceCreated_${event.TaskScheduledId}`;
  return undefined;
}

function eventText(event: HistoryEvent, decision: HistoryEvent | undefined, showOutput: boolean): string {
  const fields = new Map<string, unknown>([["EventType", NAMES[event.EventType]]]);
  for (const [field, value] of Object.entries(event)) {
    if (!HIDDEN.has(field)) fields.set(field, value);
  }
  if (event.EventType === 0) {
    fields.delete("Name");
    fields.delete("Tags");
    fields.set("FunctionName", event.Name);
  }
  if (decision) {
    fields.set("ScheduledTime", decision.Timestamp.replace("Z", "+00:00"));
    fields.set("FunctionName", "Name" in decision ? decision.Name : null);
    fields.set("Input", null);
  }
  if (!showOutput) fields.delete("Result");
  const texts = [...fields].map(([field, value]) => {
    const text = field === "Result" ? rawValue(value as string | null) : JSON.stringify(value);
    return `${JSON.stringify(field)}:${text}`;
  });
  return `{${texts.join(",")}}`;
}
