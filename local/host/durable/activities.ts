import type { TypedData } from "../typed-data.ts";
import { HTTP_ACTIVITY } from "./call-http.ts";
import { activityFailure, callHttpFailure } from "./failures.ts";
import { taskCompleted, taskFailed, type HistoryEvent } from "./history.ts";
import { asError, backoffMs, mustPark, parkedText, type HubContext } from "./hub-context.ts";
import type { DurableHttpRequest } from "./protocol.ts";
import { PlatformFault } from "./runner.ts";
import type { OutgoingMessage } from "./messages.ts";
import type { WorkItem } from "./store.ts";

/** Runs the activity of a work item. The item stays until its completion is in the parent's inbox. */
export async function runWorkItem(
  hub: HubContext,
  id: number,
  hold: (gate: Promise<void>) => Promise<void>,
): Promise<void> {
  const { store, db, settings, faults } = hub;
  const comesBackAt = (): number => Date.now() + settings.workItemQueueVisibilityTimeoutMs;
  const item = store.workItem(id);
  if (!item) return;
  if (item.visibleAt <= Date.now()) db.note(() => store.hideWorkItem(id, comesBackAt()));
  const { name, instanceId } = item;
  if (faults.takes("loseBefore", { name, instanceId })) return;
  const gate = faults.gate(name);
  if (gate) await hold(gate);
  let event: HistoryEvent;
  try {
    event = await run(hub, item);
  } catch (error) {
    abandon(hub, item, error);
    return;
  }
  if (faults.takes("loseAfter", { name, instanceId })) {
    db.note(() => store.hideWorkItem(id, comesBackAt()));
    return;
  }
  const again = faults.takes("twice", { name, instanceId });
  const { executionId } = item;
  const message: OutgoingMessage = { instanceId, executionId, event, visibleAt: Date.now() };
  db.transaction("activity", () => {
    store.send(message);
    if (again) store.hideWorkItem(id, comesBackAt());
    else store.deleteWorkItem(id);
  });
  hub.deliver([message]);
}

/** A handler that throws gives a failed task; anything else that is thrown is the platform's fault. */
async function run(hub: HubContext, item: WorkItem): Promise<HistoryEvent> {
  const { runner } = hub;
  const { name, taskId, instanceId, input } = item;
  if (name === HTTP_ACTIVITY) return callHttp(hub, item);
  try {
    if (!runner.has(name, "activity")) throw new Error(`The local task hub cannot run the activity '${name}'.`);
    const returned = await runner.run(name, "activity", input === null ? {} : { string: input }, instanceId);
    return taskCompleted(5, taskId, resultText(returned), Date.now());
  } catch (error) {
    if (error instanceof PlatformFault || hub.isStopping()) throw error;
    return taskFailed(6, taskId, activityFailure(name, asError(error)), Date.now());
  }
}

/** Any answer is a result, whatever its status; only none at all is a failure. */
async function callHttp(hub: HubContext, { taskId, input, instanceId }: WorkItem): Promise<HistoryEvent> {
  try {
    const response = await hub.callHttp(JSON.parse(input ?? "{}") as DurableHttpRequest, instanceId);
    return taskCompleted(5, taskId, JSON.stringify(response), Date.now());
  } catch (error) {
    return taskFailed(6, taskId, callHttpFailure(asError(error)), Date.now());
  }
}

function resultText(returned: TypedData | undefined): string | null {
  if (!returned) return null;
  const { string, json, int, double, bytes } = returned;
  if (json !== undefined) return json;
  const value = string ?? int ?? double ?? (bytes && Buffer.from(bytes).toString("base64"));
  return value === undefined ? null : JSON.stringify(value);
}

function abandon({ db, store }: HubContext, item: WorkItem, error: unknown): void {
  db.transaction("abandon", () => {
    const faults = store.countWorkItemFault(item.id);
    if (mustPark(faults)) store.parkWorkItem(item.id, parkedText(faults, error));
    else store.hideWorkItem(item.id, Date.now() + backoffMs(faults));
  });
  console.error(`task hub: activity ${item.name} of ${item.instanceId} abandoned:`, error);
}
