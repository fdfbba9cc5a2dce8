import { purgeInstances } from "./client.ts";
import type { HttpHub } from "./hub-context.ts";
import { empty, json, jsonText, type HubRequest, type HubResponse } from "./http-messages.ts";
import { statusText } from "./status-view.ts";
import type { Instance } from "./store.ts";

const STATUSES = new Set(["Pending", "Running", "Suspended", "Completed", "Failed", "Terminated", "ContinuedAsNew"]);
const PAGE = 100;
export const CONTINUATION = "x-ms-continuation-token";

/** How much is asked for, and from where on. */
export function pageOf(query: URLSearchParams, headers: HubRequest["headers"]) {
  const top = Number(query.get("top") ?? PAGE) || PAGE;
  return { top, from: Buffer.from(String(headers[CONTINUATION] ?? "").trim(), "base64").toString("utf8") };
}

/** `GET instances/`: a page of instances by id, with a token for the next one. */
export function listInstances(hub: HttpHub, { query, headers }: HubRequest): HubResponse {
  const { top, from } = pageOf(query, headers);
  const found = matching(hub, query, from, top + 1);
  const showInput = query.get("showInput") !== "false";
  const body = found.slice(0, top).map((instance) => statusText(instance, showInput));
  const next = found[top];
  const token = next ? Buffer.from(next.instanceId, "utf8").toString("base64") : "";
  return jsonText(200, `[${body.join(",")}]`, { [CONTINUATION]: token });
}

/** `DELETE instances/`: what matches goes, whether it has ended or not. */
export function purgeList(hub: HttpHub, { query }: HubRequest): HubResponse {
  if (Number.isNaN(timeOf(query.get("createdTimeFrom"), NaN)))
    return json(400, "Please provide value for 'createdTimeFrom' parameter.");
  const ids = matching(hub, query, "", Number.MAX_SAFE_INTEGER).map(({ instanceId }) => instanceId);
  if (ids.length === 0) return empty(404);
  purgeInstances(hub, ids);
  return json(200, { instancesDeleted: ids.length });
}

/** Up to `limit` instances that pass the filter of the query, read in pages. */
function matching({ store }: HttpHub, query: URLSearchParams, from: string, limit: number): Instance[] {
  const filter = filterOf(query);
  const prefix = query.get("instanceIdPrefix") ?? "";
  const found: Instance[] = [];
  for (let next: string | undefined = from; next !== undefined && found.length < limit;) {
    const page = store.instances(prefix, next, PAGE + 1);
    found.push(...page.slice(0, PAGE).filter(filter));
    next = page[PAGE]?.instanceId;
  }
  return found.slice(0, limit);
}

/** A status or a date that is not understood filters nothing. */
function filterOf(query: URLSearchParams): (instance: Instance) => boolean {
  const asked = (query.get("runtimeStatus") ?? "").split(",").filter((status) => STATUSES.has(status));
  const createdFrom = timeOf(query.get("createdTimeFrom"), -Infinity);
  const createdTo = timeOf(query.get("createdTimeTo"), Infinity);
  return ({ status, createdAt }) =>
    (asked.length === 0 || asked.includes(status)) && createdAt >= createdFrom && createdAt <= createdTo;
}

/** A time that is not understood is none. */
export function timeOf(text: string | null, otherwise: number): number {
  const time = text === null ? NaN : Date.parse(text);
  return Number.isNaN(time) ? otherwise : time;
}
