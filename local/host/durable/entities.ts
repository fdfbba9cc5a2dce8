import { entityId, entityName, passOn, response, signalMessage, type EntityRequest } from "./entity-messages.ts";
import { scheduleRequests } from "./entity-scheduler.ts";
import { asError, type HubContext } from "./hub-context.ts";
import type { EntityName } from "./protocol.ts";
import { PlatformFault } from "./runner.ts";
import type { Message } from "./messages.ts";

interface BatchResult {
  readonly results: readonly { readonly isError: boolean; readonly result?: string }[];
  readonly signals: readonly {
    readonly target: EntityName;
    readonly name: string;
    readonly input?: string;
  }[];
  readonly entityExists: boolean;
  readonly entityState?: string;
}

/** Runs what an entity may do now in one batch; state, lock, answers and signals are one commit. */
export async function runEntity(hub: HubContext, id: string, messages: readonly Message[]): Promise<void> {
  const { store, db, runner } = hub;
  if (!runner.has(entityName(id).name, "entity")) {
    db.transaction("drop", () => store.deleteMessages(messages));
    return;
  }
  const events = messages.map(({ event }) => event);
  const { operations, lock, state: scheduler } = scheduleRequests(store.scheduler(id), events);
  const result = operations.length > 0 ? await runBatch(hub, id, operations) : unchanged(hub, id, []);
  const now = Date.now();
  const sent = [
    ...operations.flatMap((request, index) => {
      const { result: answer = null, isError = false } = result.results[index] ?? {};
      return request.signal || request.parent === undefined ? [] : [response(request, answer, isError, now)];
    }),
    ...result.signals.map(({ target, name, input }) =>
      signalMessage(entityId(target.name, target.key), name, input, now),
    ),
    ...(lock ? [passOn(lock, now)] : []),
  ];
  db.transaction("entity", () => {
    store.deleteMessages(messages);
    if (result.entityExists) store.putEntity(id, result.entityState ?? null, now);
    else store.deleteEntity(id);
    const isIdle = !result.entityExists && !scheduler.queue && scheduler.lockedBy === undefined;
    store.putScheduler(id, isIdle ? undefined : scheduler);
    for (const message of sent) store.send(message);
  });
  hub.deliver(sent);
}

async function runBatch(hub: HubContext, id: string, operations: readonly EntityRequest[]): Promise<BatchResult> {
  const { runner, store, isStopping } = hub;
  const self = entityName(id);
  const state = store.entityState(id);
  const batch = operations.map(({ op, input, signal, id: requestId }) => ({
    name: op,
    input: input ?? null,
    isSignal: signal ?? false,
    id: requestId,
  }));
  const payload = JSON.stringify({ self, exists: !!state, state: state?.state ?? null, batch });
  try {
    const returned = await runner.run(self.name, "entity", { string: payload }, id);
    if (returned?.json === undefined) throw new PlatformFault("the entity's result cannot be read");
    return JSON.parse(returned.json) as BatchResult;
  } catch (error) {
    if (error instanceof PlatformFault || isStopping()) throw error;
    const result = JSON.stringify(asError(error).message);
    return unchanged(
      hub,
      id,
      operations.map(() => ({ isError: true, result })),
    );
  }
}

function unchanged({ store }: HubContext, id: string, results: BatchResult["results"]): BatchResult {
  const state = store.entityState(id);
  const entityState = state?.state ?? undefined;
  return { results, signals: [], entityExists: !!state, ...(entityState === undefined ? {} : { entityState }) };
}
