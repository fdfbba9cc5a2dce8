import { startInstance } from "./client.ts";
import type { HttpHub } from "./hub-context.ts";
import {
  empty,
  exception,
  isJson,
  json,
  jsonText,
  rawValue,
  type HubRequest,
  type HubResponse,
} from "./http-messages.ts";
import { statusText } from "./status-view.ts";
import { isTerminal } from "./store.ts";
import { managementUrls } from "./urls.ts";

const POLL_MS = 50;

/** `POST orchestrators/{name}[/{id}]`; with `timeout` and `pollingInterval` it waits for the end. */
export async function start(
  hub: HttpHub,
  request: HubRequest,
  name: string,
  asked: string | undefined,
): Promise<HubResponse> {
  const { body, query } = request;
  if (body !== "" && !isJson(body)) {
    return exception(400, "Invalid JSON content", "Newtonsoft.Json.JsonReaderException", "The body is no JSON.");
  }
  if (name === "") return empty(404);
  const answer = startInstance(hub, {
    name,
    ...(asked === undefined ? {} : { instanceId: asked }),
    input: body === "" ? null : JSON.stringify(JSON.parse(body)),
  });
  if ("exists" in answer) {
    return json(409, { Message: `An Orchestration instance with the status ${answer.exists} already exists.` });
  }
  const timeoutSeconds = query.get("timeout");
  if (timeoutSeconds !== null && query.get("pollingInterval") !== null) {
    const ended = await waitForEnd(hub, answer.started, Number(timeoutSeconds) * 1000);
    if (ended) return ended;
  }
  return accepted(hub, answer.started);
}

/** 202 with the URLs that manage the instance. */
export function accepted(hub: HttpHub, instanceId: string): HubResponse {
  const urls = managementUrls(hub.hubName, hub.address, instanceId);
  return json(202, urls, { location: urls.statusQueryGetUri, "retry-after": "10" });
}

async function waitForEnd(hub: HttpHub, instanceId: string, timeoutMs: number): Promise<HubResponse | undefined> {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until) {
    const instance = hub.store.instance(instanceId);
    if (instance?.status === "Completed") return jsonText(200, rawValue(instance.output));
    if (instance && isTerminal(instance.status)) return jsonText(200, statusText(instance, true));
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return undefined;
}
