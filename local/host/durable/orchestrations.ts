import { runEpisode, type EpisodeEnvironment, type EpisodeResult } from "./episode.ts";
import { runEntity } from "./entities.ts";
import { asError, backoffMs, mustPark, parkedText, type HubContext } from "./hub-context.ts";
import { orchestrationPayload, parseReturned, parseThrown, type Outcome } from "./protocol.ts";
import { PlatformFault } from "./runner.ts";
import type { Message } from "./messages.ts";
import type { Instance } from "./store.ts";

/** Runs one episode of an instance with everything that is visible for it, and commits it. */
export async function runInstance(hub: HubContext, instanceId: string): Promise<void> {
  const { store, db, settings } = hub;
  const now = Date.now();
  const messages = store.visibleMessages(instanceId, now);
  if (messages.length === 0) return;
  db.note(() => store.hideMessages(messages, now + settings.controlQueueVisibilityTimeoutMs));
  const instance = store.instance(instanceId);
  try {
    if (!instance && instanceId.startsWith("@") && !messages.some(({ event }) => event.EventType === 0)) {
      await runEntity(hub, instanceId, messages);
    } else {
      const past = store.history(instanceId);
      commit(hub, instance, messages, await runEpisode(instance, past, messages, environmentOf(hub)));
    }
  } catch (error) {
    abandon(hub, instanceId, messages, error);
  }
}

function environmentOf({ runner, isStopping }: HubContext): EpisodeEnvironment {
  return {
    isKnown: (kind, name) => runner.has(name, kind),
    async invoke(name, call): Promise<Outcome> {
      if (!runner.has(name, "orchestration")) return { crashed: unknownOrchestrator(name) };
      try {
        return parseReturned(await runner.run(name, "orchestration", orchestrationPayload(call), call.instanceId));
      } catch (error) {
        if (error instanceof PlatformFault || isStopping()) throw error;
        return parseThrown(asError(error));
      }
    },
  };
}

const unknownOrchestrator = (name: string): string =>
  `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`;

function commit(
  hub: HubContext,
  before: Instance | undefined,
  messages: readonly Message[],
  result: EpisodeResult | undefined,
): void {
  const { store, db } = hub;
  if (!result) {
    db.transaction("drop", () => store.deleteMessages(messages));
    return;
  }
  const { instanceId } = result.instance;
  const now = Date.now();
  const takenUntil = now + hub.settings.workItemQueueVisibilityTimeoutMs;
  const { sent, taken } = db.transaction("episode", () => {
    store.deleteMessages(messages);
    // Purged, or started anew, while the episode ran: nothing of it counts.
    if (store.instance(instanceId)?.executionId !== before?.executionId) return { sent: [], taken: [] };
    store.putInstance(result.instance);
    store.writeHistory(instanceId, result.position, result.events);
    const items = result.workItems.map((item) => store.addWorkItem(item, takenUntil));
    for (const executionId of result.endedExecutions) store.deleteMessagesOf(instanceId, executionId);
    for (const message of result.messages) {
      if (message.executionId === null || !result.endedExecutions.includes(message.executionId)) store.send(message);
    }
    return { sent: result.messages, taken: items };
  });
  hub.deliver(sent);
  hub.take(taken);
}

/** The platform failed, not the app: the messages come back later; after many faults they are parked. */
function abandon(hub: HubContext, instanceId: string, messages: readonly Message[], error: unknown): void {
  const { store, db } = hub;
  db.transaction("abandon", () => {
    const faults = store.countInstanceFault(instanceId);
    if (mustPark(faults)) store.parkInstance(instanceId, messages, parkedText(faults, error));
    else store.hideMessages(messages, Date.now() + backoffMs(faults));
  });
  console.error(`task hub: episode of ${instanceId} abandoned:`, error);
}
