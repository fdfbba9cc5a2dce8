import { EventType, type HistoryEvent } from "./history.ts";
import { isJson, rawValue } from "./http-messages.ts";
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
export function statusText(instance: Instance, showInput: boolean, historyEvents?: readonly unknown[]): string {
  const fields = [
    `"name":${JSON.stringify(instance.name)}`,
    `"instanceId":${JSON.stringify(instance.instanceId)}`,
    `"runtimeStatus":"${instance.status}"`,
    `"input":${showInput ? rawValue(instance.input) : "null"}`,
    `"customStatus":${rawValue(instance.customStatus)}`,
    `"output":${rawValue(instance.parked ?? instance.output)}`,
    `"createdTime":"${seconds(instance.createdAt)}"`,
    `"lastUpdatedTime":"${seconds(instance.updatedAt)}"`,
    ...(historyEvents ? [`"historyEvents":${JSON.stringify(historyEvents)}`] : []),
  ];
  return `{${fields.join(",")}}`;
}

const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** Two decisions with one id: what remains of a run that was found not to be deterministic. */
export class DuplicateDecision extends Error {}

/** The history as people see it: a decision is shown inside its completion. */
export function shapeHistory(history: readonly HistoryEvent[], showOutput: boolean): unknown[] {
  const shown: (Record<string, unknown> | undefined)[] = [];
  const scheduled = new Map<string, { readonly index: number; readonly event: HistoryEvent }>();
  for (const event of history) {
    if (event.EventType === 12 || event.EventType === 13) continue;
    const view = baseView(event, showOutput);
    if (event.EventType === 4 || event.EventType === 7 || event.EventType === 10) {
      const key = `${NAMES[event.EventType] ?? ""}_${event.EventId}`;
      if (scheduled.has(key)) throw new DuplicateDecision(key);
      scheduled.set(key, { index: shown.length, event });
    }
    const key = scheduledKey(event);
    const decision = key === undefined ? undefined : scheduled.get(key);
    if (decision) {
      shown[decision.index] = undefined;
      if (event.EventType !== 11) {
        view["ScheduledTime"] = decision.event.Timestamp.replace("Z", "+00:00");
        view["FunctionName"] = "Name" in decision.event ? decision.event.Name : null;
        view["Input"] = null;
      }
    }
    shown.push(view);
  }
  return shown.filter((view) => view !== undefined);
}

function scheduledKey(event: HistoryEvent): string | undefined {
  if (event.EventType === 5 || event.EventType === 6) return `TaskScheduled_${event.TaskScheduledId}`;
  if (event.EventType === 8 || event.EventType === 9) return `SubOrchestrationInstanceCreated_${event.TaskScheduledId}`;
  return event.EventType === 11 ? `TimerCreated_${event.TimerId}` : undefined;
}

function baseView(event: HistoryEvent, showOutput: boolean): Record<string, unknown> {
  const view: Record<string, unknown> = { EventType: NAMES[event.EventType] };
  for (const [field, value] of Object.entries(event)) {
    if (!HIDDEN.has(field)) view[field] = value;
  }
  if ("Result" in event) {
    if (showOutput && event.Result !== null && isJson(event.Result))
      view["Result"] = JSON.parse(event.Result) as unknown;
    else if (!showOutput || event.Result === null) delete view["Result"];
  }
  if (event.EventType === 0) {
    delete view["Name"];
    delete view["Tags"];
    view["FunctionName"] = event.Name;
  }
  return view;
}
