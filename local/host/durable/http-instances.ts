import { entityAsInstance } from "./entity-view.ts";
import { rewindInstance, sendToInstance, startInstance } from "./client.ts";
import type { ClientMessage } from "./faults.ts";
import * as history from "./history.ts";
import type { HistoryEvent } from "./history.ts";
import type { HttpHub } from "./hub-context.ts";
import {
  empty,
  exception,
  isJson,
  json,
  jsonText,
  mediaType,
  type HubRequest,
  type HubResponse,
} from "./http-messages.ts";
import { accepted } from "./http-start.ts";
import { DuplicateDecision, shapeHistory, statusText } from "./status-view.ts";
import { isTerminal, type Instance, type RuntimeStatus } from "./store.ts";

/** `GET instances/{id}`: 202 with `Location` while it runs, 200 when it has ended. */
export function getInstance(hub: HttpHub, request: HubRequest, id: string): HubResponse {
  const entity = hub.store.instance(id) ? undefined : entityAsInstance(hub.store, id);
  const instance = entity?.instance ?? hub.store.instance(id);
  if (!instance) return empty(404);
  const { query } = request;
  let events: string[] | undefined;
  try {
    if (query.get("showHistory") === "true") {
      events = shapeHistory(entity?.history ?? hub.store.history(id), query.get("showHistoryOutput") === "true");
    }
  } catch (error) {
    if (!(error instanceof DuplicateDecision)) throw error;
    const text = `An item with the same key has already been added. Key: ${error.message}`;
    return exception(400, "One or more of the arguments submitted is incorrect", "System.ArgumentException", text);
  }
  const body = statusText(instance, query.get("showInput") !== "false", events);
  if (!isTerminal(instance.status)) return jsonText(202, body, { location: request.url, "retry-after": "5" });
  const asError = instance.status === "Failed" && query.get("returnInternalServerErrorOnFailure") === "true";
  return jsonText(asError ? 500 : 200, body);
}

/** What a suspended or resumed instance must not be already. */
const FORBIDDEN: Partial<Record<ClientMessage, (status: RuntimeStatus) => boolean>> = {
  suspend: (status) => status === "Suspended",
  resume: (status) => status !== "Suspended",
};

/** Raises an event, terminates, suspends or resumes. The answer is 202 before anything has happened. */
export function changeInstance(
  hub: HttpHub,
  request: HubRequest,
  id: string,
  kind: ClientMessage,
  eventName = "",
): HubResponse {
  const instance = hub.store.instance(id);
  if (!instance) return empty(404);
  if (isTerminal(instance.status)) return empty(410);
  const refused = kind === "event" ? refuseEvent(request) : undefined;
  if (refused) return refused;
  if (FORBIDDEN[kind]?.(instance.status)) {
    const text = `Cannot ${kind} the orchestration instance ${id} because instance is in the ${instance.status} state.`;
    const message = "Something went wrong while processing your request";
    return exception(500, message, "System.InvalidOperationException", text);
  }
  sendToInstance(hub, id, kind, messageOf(kind, request, eventName));
  return empty(202);
}

function refuseEvent({ headers, body }: HubRequest): HubResponse | undefined {
  if (mediaType(headers) !== "application/json")
    return json(400, { Message: "Only application/json request content is supported" });
  if (isJson(body)) return undefined;
  const text = "Error reading JToken from JsonReader. Path '', line 0, position 0.";
  return exception(400, "Invalid JSON content", "Newtonsoft.Json.JsonReaderException", text);
}

function messageOf(kind: ClientMessage, { query, body }: HubRequest, eventName: string): HistoryEvent {
  const reason = query.get("reason");
  const now = Date.now();
  switch (kind) {
    case "event":
      return history.eventRaised(eventName, JSON.stringify(JSON.parse(body)), now);
    case "terminate":
      return history.executionTerminated(reason, now);
    case "suspend":
      return history.suspension(19, reason, now);
    case "resume":
      return history.suspension(20, reason, now);
  }
}

/** `POST instances/{id}/rewind`: only what has failed. */
export function rewind(hub: HttpHub, { query }: HubRequest, id: string): HubResponse {
  const instance = hub.store.instance(id);
  if (!instance) return json(404, `No orchestration with instance ID "$${id}" found.`);
  if (instance.status !== "Failed") return json(412, notFailed(instance));
  rewindInstance(hub, instance, query.get("reason"));
  return empty(202);
}

const notFailed = ({ status }: Instance): string =>
  `This orchestration has status ${status}, but only orchestrations in the "Failed" state can be rewound.`;

/** `POST instances/{id}/restart`: the same function and input once more. */
export function restart(hub: HttpHub, { query }: HubRequest, id: string): HubResponse {
  const instance = hub.store.instance(id);
  if (!instance) {
    const text = `No instance with ID '${id}' was found. (Parameter 'instanceId')`;
    const message = "InstanceId does not match a valid orchestration instance.";
    return exception(400, message, "System.ArgumentException", text);
  }
  const { name, input } = instance;
  const withNewId = query.get("restartWithNewInstanceId") !== "false";
  const answer = startInstance(hub, { name, input, ...(withNewId ? {} : { instanceId: id }) });
  if ("started" in answer) return accepted(hub, answer.started);
  const text = `An Orchestration instance with the status ${answer.exists} already exists.`;
  const type = "DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException";
  return exception(409, "A non-terminal instance with this instance ID already exists.", type, text);
}
