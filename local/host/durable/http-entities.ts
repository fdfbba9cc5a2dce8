import { entityId, entityName, signalMessage } from "./entity-messages.ts";
import type { HttpHub } from "./hub-context.ts";
import { CONTINUATION, pageOf, timeOf } from "./http-lists.ts";
import { empty, isJson, json, jsonText, mediaType, type HubRequest, type HubResponse } from "./http-messages.ts";

/** `GET entities/{name}/{key}`: the state. */
export function readEntity(hub: HttpHub, name: string, key: string): HubResponse {
  const entity = hub.store.entityState(entityId(name, keyOf(key)));
  return entity ? jsonText(200, entity.state ?? "null") : empty(404);
}

/** `GET entities/[{name}]`: a page of entities by id, with a token for the next one. */
export function listEntities(hub: HttpHub, { query, headers }: HubRequest, name: string | undefined): HubResponse {
  const { top, from } = pageOf(query, headers);
  const operatedFrom = timeOf(query.get("lastOperationTimeFrom"), -Infinity);
  const operatedTo = timeOf(query.get("lastOperationTimeTo"), Infinity);
  const found = hub.store
    .entities(name === undefined ? "@" : entityId(name, ""))
    .filter(({ entityId: id, operatedAt }) => id >= from && operatedAt >= operatedFrom && operatedAt <= operatedTo);
  const withState = query.get("fetchState") === "true";
  const list = found.slice(0, top).map(({ entityId: id, state, operatedAt }) => ({
    entityId: entityName(id),
    lastOperationTime: new Date(operatedAt).toISOString(),
    ...(withState && state !== null ? { state: JSON.parse(state) as unknown } : {}),
  }));
  const next = found[top];
  return json(200, list, { [CONTINUATION]: next ? Buffer.from(next.entityId, "utf8").toString("base64") : "" });
}

/** `POST entities/{name}/{key}?op=`, and `DELETE`, which is the operation `delete`. */
export function signalEntity(
  hub: HttpHub,
  { body, query, headers }: HubRequest,
  name: string,
  key: string,
  operation = query.get("op") ?? "",
): HubResponse {
  const isText = mediaType(headers) !== "application/json";
  if (body !== "" && !isText && !isJson(body)) return json(400, { Message: "Could not parse JSON content: no JSON." });
  const input = body === "" ? undefined : isText ? JSON.stringify(body) : body;
  const message = signalMessage(entityId(name, keyOf(key)), operation, input, Date.now());
  hub.db.transaction("event", () => hub.store.send(message));
  hub.deliver([message]);
  return empty(202);
}

/** `$` in an address stands for the empty key. */
const keyOf = (key: string): string => (key === "$" ? "" : key);
