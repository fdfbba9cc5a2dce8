import { eventRaised } from "./history.ts";
import { asError, type HubContext } from "./hub-context.ts";
import { PlatformFault } from "./runner.ts";
import type { Message, OutgoingMessage } from "./store.ts";

/** The body of a request to an entity, as the history of the caller holds it. */
interface Request {
  readonly op: string;
  readonly signal?: boolean;
  readonly input?: string;
  readonly id: string;
  readonly parent?: string;
  readonly parentExecution?: string;
}

interface BatchResult {
  readonly results: readonly { readonly isError: boolean; readonly result?: string }[];
  readonly signals: readonly {
    readonly target: { readonly name: string; readonly key: string };
    readonly name: string;
    readonly input?: string;
  }[];
  readonly entityExists: boolean;
  readonly entityState?: string;
}

const RESPONSE_TYPE =
  "Microsoft.Azure.WebJobs.Extensions.DurableTask.ResponseMessage, Microsoft.Azure.WebJobs.Extensions.DurableTask";

export const entityId = (name: string, key: string): string => `@${name.toLowerCase()}@${key}`;

/** Runs every visible operation of an entity in one batch; state, answers and signals are one commit. */
export async function runEntity(hub: HubContext, id: string, messages: readonly Message[]): Promise<void> {
  const { store, db, runner } = hub;
  const [, name = "", key = ""] = /^@([^@]*)@(.*)$/s.exec(id) ?? [];
  const requests = messages.flatMap(({ event }) =>
    event.EventType === 15 && event.Input !== null ? [JSON.parse(event.Input) as Request] : [],
  );
  if (!runner.has(name, "entity") || requests.length === 0) {
    db.transaction("drop", () => store.deleteMessages(messages));
    return;
  }
  const state = store.entityState(id);
  const batch = requests.map(({ op, input, signal, id: requestId }) => ({
    name: op,
    input: input ?? null,
    isSignal: signal ?? false,
    id: requestId,
  }));
  const payload = JSON.stringify({ self: { name, key }, exists: !!state, state: state?.state ?? null, batch });
  const result = await runBatch(hub, name, payload, id, requests.length);
  const now = Date.now();
  const sent = [...responses(requests, result, now), ...signals(result, now)];
  db.transaction("entity", () => {
    store.deleteMessages(messages);
    if (result.entityExists) store.putEntity(id, result.entityState ?? null, now);
    else store.deleteEntity(id);
    for (const message of sent) store.send(message);
  });
  hub.deliver(sent);
}

async function runBatch(
  { runner, store, isStopping }: HubContext,
  name: string,
  payload: string,
  id: string,
  size: number,
): Promise<BatchResult> {
  try {
    const returned = await runner.run(name, "entity", { string: payload }, id);
    if (returned?.json === undefined) throw new PlatformFault("the entity's result cannot be read");
    return JSON.parse(returned.json) as BatchResult;
  } catch (error) {
    if (error instanceof PlatformFault || isStopping()) throw error;
    const state = store.entityState(id);
    const results = Array.from({ length: size }, () => ({
      isError: true,
      result: JSON.stringify(asError(error).message),
    }));
    return {
      results,
      signals: [],
      entityExists: !!state,
      ...(state?.state == null ? {} : { entityState: state.state }),
    };
  }
}

function responses(requests: readonly Request[], { results }: BatchResult, now: number): OutgoingMessage[] {
  return requests.flatMap(({ signal, id, parent, parentExecution }, index) => {
    if (signal || parent === undefined) return [];
    const answer = results[index];
    const body = {
      $type: RESPONSE_TYPE,
      result: answer?.result ?? null,
      ...(answer?.isError ? { exceptionType: "Error" } : {}),
    };
    const event = eventRaised(id, JSON.stringify(body), now);
    return [{ instanceId: parent, executionId: parentExecution ?? null, event, visibleAt: now }];
  });
}

function signals({ signals: sent }: BatchResult, now: number): OutgoingMessage[] {
  return sent.map(({ target, name, input }) => entitySignal(entityId(target.name, target.key), name, input, now));
}

/** A request that nobody waits for. */
export function entitySignal(id: string, op: string, input: string | undefined, now: number): OutgoingMessage {
  const body = { op, signal: true, ...(input === undefined ? {} : { input }), id: crypto.randomUUID() };
  return { instanceId: id, executionId: null, event: eventRaised("op", JSON.stringify(body), now), visibleAt: now };
}
