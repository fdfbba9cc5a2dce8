import type { HttpHub } from "./hub-context.ts";
import { listEntities, readEntity, signalEntity } from "./http-entities.ts";
import { changeInstance, getInstance, restart, rewind } from "./http-instances.ts";
import { listInstances, purgeList } from "./http-lists.ts";
import { empty, json, type HubRequest, type HubResponse } from "./http-messages.ts";
import { start } from "./http-start.ts";
import { purgeInstances } from "./client.ts";
import { isTerminal } from "./store.ts";

/** The Durable HTTP API; the same under the webhook address and the RPC address. */
export async function answer(hub: HttpHub, request: HubRequest): Promise<HubResponse> {
  const parts = request.path.split("/").filter((part) => part !== "");
  const [collection = "", ...rest] = parts.map(decode);
  if (rest.some((part) => part === undefined)) return empty(404);
  const [first, second, third] = rest;
  if (rest.length > 3) return empty(404);
  switch (`${request.method} ${collection.toLowerCase()}/${rest.length}`) {
    case "POST orchestrators/1":
    case "POST orchestrators/2":
      return start(hub, request, first ?? "", second);
    case "GET instances/0":
      return listInstances(hub, request);
    case "DELETE instances/0":
      return purgeList(hub, request);
    case "GET instances/1":
      return getInstance(hub, request, first ?? "");
    case "DELETE instances/1":
      return purge(hub, first ?? "");
    case "POST instances/2":
      return instanceOperation(hub, request, first ?? "", second ?? "");
    case "POST instances/3":
      return second?.toLowerCase() === "raiseevent"
        ? changeInstance(hub, request, first ?? "", "event", third ?? "")
        : empty(404);
    case "GET entities/0":
    case "GET entities/1":
      return listEntities(hub, request, first);
    case "GET entities/2":
      return readEntity(hub, first ?? "", second ?? "");
    case "POST entities/1":
    case "POST entities/2":
      return signalEntity(hub, request, first ?? "", second ?? "");
    case "DELETE entities/2":
      return signalEntity(hub, { ...request, body: "" }, first ?? "", second ?? "", "delete");
    default:
      return empty(404);
  }
}

/** Undefined for what hides a slash or is badly encoded. */
function decode(part: string): string | undefined {
  if (/%2f/i.test(part)) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function instanceOperation(hub: HttpHub, request: HubRequest, id: string, operation: string): HubResponse {
  switch (operation.toLowerCase()) {
    case "terminate":
      return changeInstance(hub, request, id, "terminate");
    case "suspend":
      return changeInstance(hub, request, id, "suspend");
    case "resume":
      return changeInstance(hub, request, id, "resume");
    case "rewind":
      return rewind(hub, request, id);
    case "restart":
      return restart(hub, request, id);
    default:
      return empty(404);
  }
}

function purge(hub: HttpHub, id: string): HubResponse {
  const instance = hub.store.instance(id);
  if (!instance) return empty(404);
  if (!isTerminal(instance.status)) {
    const text = `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${instance.status}`;
    return json(412, text);
  }
  purgeInstances(hub, [id]);
  return json(200, { instancesDeleted: 1 });
}
