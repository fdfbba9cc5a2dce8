import { eventRaised, instant } from "./history.ts";
import type { SortLabel } from "./message-sorter.ts";
import type { EntityName } from "./protocol.ts";
import type { OutgoingMessage } from "./messages.ts";

/** A request to an entity, as the history of the caller holds it: an operation, or a lock of several entities. */
export interface EntityRequest extends Partial<SortLabel> {
  readonly op: string | null;
  readonly signal?: boolean;
  readonly input?: string;
  readonly id: string;
  readonly parent?: string;
  readonly parentExecution?: string;
  readonly lockset?: readonly EntityName[];
  /** How many of the set are locked before this one; absent for none. */
  readonly pos?: number;
}

/** What frees an entity. */
export interface EntityRelease {
  readonly parent: string;
  readonly id: string;
}

interface Sender {
  readonly instanceId: string;
  readonly executionId: string;
}

const dotNetType = (name: string): string =>
  `Microsoft.Azure.WebJobs.Extensions.DurableTask.${name}, Microsoft.Azure.WebJobs.Extensions.DurableTask`;
const REQUEST_TYPE = dotNetType("RequestMessage");
const RESPONSE_TYPE = dotNetType("ResponseMessage");
const ENTITY_ID_TYPE = dotNetType("EntityId");
export const RELEASE_TYPE = dotNetType("ReleaseMessage");

export const entityId = (name: string, key: string): string => `@${name.toLowerCase()}@${key}`;

export function entityName(id: string): EntityName {
  const [, name = "", key = ""] = /^@([^@]*)@(.*)$/s.exec(id) ?? [];
  return { name, key };
}

/** JSON text of an operation. */
export const operationRequest = (
  requestId: string,
  sender: Sender,
  label: SortLabel,
  asked: { readonly operation: string; readonly input?: unknown; readonly isSignal: boolean },
  now: number,
): string =>
  JSON.stringify({
    $type: REQUEST_TYPE,
    op: asked.operation,
    ...(asked.isSignal ? { signal: true } : {}),
    ...(asked.input === undefined ? {} : { input: JSON.stringify(asked.input) }),
    id: requestId,
    parent: sender.instanceId,
    parentExecution: sender.executionId,
    ...label,
    requestTime: instant(now),
  });

/** JSON text of the request for a set of locks, as its first entity gets it. */
export const lockRequest = (requestId: string, sender: Sender, label: SortLabel, ids: readonly string[]): string =>
  JSON.stringify({
    $type: REQUEST_TYPE,
    op: null,
    id: requestId,
    parent: sender.instanceId,
    parentExecution: sender.executionId,
    ...label,
    lockset: ids.map((id) => ({ $type: ENTITY_ID_TYPE, ...entityName(id) })),
  });

/** After one entity of the set is locked: on to the next, or back to the one who asked. */
export function passOn(request: EntityRequest, now: number): OutgoingMessage {
  const pos = (request.pos ?? 0) + 1;
  const next = request.lockset?.[pos];
  if (!next) return response(request, "Lock Acquisition Completed", false, now);
  const event = eventRaised("op", JSON.stringify({ ...request, pos }), now);
  return { instanceId: entityId(next.name, next.key), executionId: null, event, visibleAt: now };
}

export function response(
  { id, parent = "", parentExecution }: EntityRequest,
  result: string | null,
  isError: boolean,
  now: number,
): OutgoingMessage {
  const body = { $type: RESPONSE_TYPE, result, ...(isError ? { exceptionType: "Error" } : {}) };
  const event = eventRaised(id, JSON.stringify(body), now);
  return { instanceId: parent, executionId: parentExecution ?? null, event, visibleAt: now };
}

/** A request that nobody waits for, from a client or another entity. */
export function signalMessage(id: string, op: string, input: string | undefined, now: number): OutgoingMessage {
  const body = { op, signal: true, ...(input === undefined ? {} : { input }), id: crypto.randomUUID() };
  return { instanceId: id, executionId: null, event: eventRaised("op", JSON.stringify(body), now), visibleAt: now };
}
