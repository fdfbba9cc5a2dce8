import { randomUUID } from "node:crypto";
import type { ClientMessage } from "./faults.ts";
import * as history from "./history.ts";
import type { ChildCreated, HistoryEvent } from "./history.ts";
import type { HubContext } from "./hub-context.ts";
import { newExecutionId } from "./episode.ts";
import type { OutgoingMessage } from "./messages.ts";
import { isTerminal, type Instance, type RuntimeStatus, type Store } from "./store.ts";

/** What clients do to instances. Everything is on the disk when the function answers. */
export type StartAnswer = { readonly started: string } | { readonly exists: RuntimeStatus };

/** Starts an instance, unless one of that id has not ended. A start and a start at the same time: one wins. */
export function startInstance(
  hub: HubContext,
  start: { readonly name: string; readonly instanceId?: string; readonly input: string | null },
): StartAnswer {
  const { db, store, settings } = hub;
  const instanceId = start.instanceId ?? newExecutionId();
  const executionId = randomUUID();
  const { name, input } = start;
  const now = Date.now();
  let sent: OutgoingMessage | undefined;
  const answer = db.transaction("start", (): StartAnswer => {
    const existing = store.instance(instanceId);
    const mayReplace = settings.overridableExistingInstanceStates === "AnyState";
    if (existing && !isTerminal(existing.status) && !mayReplace) return { exists: existing.status };
    if (existing) store.deleteMessagesOf(instanceId, existing.executionId);
    const generation = existing ? (existing.generation ?? 0) + 1 : 0;
    const execution = { instanceId, executionId, name, input, parent: null, generation };
    const status = { status: "Pending", output: null, customStatus: null } as const;
    store.putInstance({ ...execution, ...status, createdAt: now, updatedAt: now });
    sent = { instanceId, executionId, event: history.executionStarted(execution, now), visibleAt: now };
    store.send(sent);
    return { started: instanceId };
  });
  if (sent) hub.deliver([sent]);
  return answer;
}

/** Puts a client's message into the inbox of whichever execution is current, unless a fault loses it. */
export function sendToInstance(hub: HubContext, instanceId: string, kind: ClientMessage, event: HistoryEvent): void {
  if (hub.faults.takes(kind, { instanceId, ...("Name" in event ? { name: event.Name } : {}) })) return;
  const message: OutgoingMessage = { instanceId, executionId: null, event, visibleAt: Date.now() };
  hub.db.transaction(kind, () => hub.store.send(message));
  hub.deliver([message]);
}

/** Removes an instance with everything that belongs to it. */
export function purgeInstances(hub: HubContext, instanceIds: readonly string[]): void {
  hub.db.transaction("purge", () => {
    for (const instanceId of instanceIds) hub.store.deleteInstance(instanceId);
  });
}

/**
 * Brings a failed instance back to where it was before it failed: failed tasks are done again, failed children are
 * rewound themselves.
 */
export function rewindInstance(hub: HubContext, instance: Instance, reason: string | null): void {
  const sent: OutgoingMessage[] = [];
  hub.db.transaction("rewind", () => rewind(hub.store, instance, reason, sent));
  hub.deliver(sent);
}

function rewind(store: Store, instance: Instance, reason: string | null, sent: OutgoingMessage[]): void {
  const { instanceId } = instance;
  const past = store.history(instanceId);
  const failed = new Set(
    past.flatMap((event) => (event.EventType === 6 || event.EventType === 9 ? [event.TaskScheduledId] : [])),
  );
  const children = past
    .filter((event) => event.EventType === 7 && failed.has(event.EventId))
    .map((event) => store.instance((event as ChildCreated).InstanceId))
    .filter((child) => child?.status === "Failed");
  for (const child of children) if (child) rewind(store, child, reason, sent);
  const rewound = past.map((event): HistoryEvent => {
    const isFailedTask = event.EventType === 4 && failed.has(event.EventId);
    const isFailure = event.EventType === 6 || event.EventType === 9 || event.EventType === 1;
    if (!isFailedTask && !isFailure) return event;
    return { ...history.genericEvent(null, Date.parse(event.Timestamp), event.EventId), IsPlayed: event.IsPlayed };
  });
  store.writeHistory(instanceId, 0, rewound);
  store.putInstance({ ...instance, status: children.length > 0 ? "Running" : "Pending", output: null });
  if (children.length > 0) return; // the child reports when it has ended
  const now = Date.now();
  const message: OutgoingMessage = {
    instanceId,
    executionId: null,
    event: history.genericEvent(reason, now),
    visibleAt: now,
  };
  store.send(message);
  sent.push(message);
}
