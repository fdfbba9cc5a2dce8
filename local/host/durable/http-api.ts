import { randomUUID } from "node:crypto";
import { event, EventType, type EventTypeNumber } from "./history.ts";
import { shapedHistory } from "./history-view.ts";
import type { HubFaults } from "./faults.ts";
import { TERMINAL, type Instance, type NewInstance, type Store } from "./store.ts";

/** The part of the task hub that the API works with. */
export interface Hub {
  readonly store: Store;
  readonly faults: HubFaults;
  begin(instance: NewInstance): void;
  poke(): void;
}

export interface HubRequest {
  readonly method: string;
  /** Below `durabletask/`, without a leading slash, decoded nowhere. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface HubResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Where the API is: the public base with its key, and the local one without. */
export interface PublicAddress {
  readonly baseUrl: string;
  readonly key: string;
  /** Ends in `/`. */
  readonly rpcBaseUrl: string;
}

/** The input of functions with a durable client binding. */
export function bindingFor(hubName: string, { baseUrl, key, rpcBaseUrl }: PublicAddress): string {
  const query = `taskHub=${hubName}&connection=Storage&code=${key}`;
  const start = `${baseUrl}/orchestrators/{functionName}[/{instanceId}]`;
  return JSON.stringify({
    taskHubName: hubName,
    connectionName: "Storage",
    creationUrls: {
      createNewInstancePostUri: `${start}?code=${key}`,
      createAndWaitOnNewInstancePostUri: `${start}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=${key}`,
    },
    managementUrls: { id: "INSTANCEID", ...managementUrls("INSTANCEID", baseUrl, query) },
    baseUrl,
    requiredQueryStringParameters: `code=${key}`,
    rpcBaseUrl,
    httpBaseUrl: rpcBaseUrl,
  });
}

function managementUrls(id: string, baseUrl: string, query: string): Readonly<Record<string, string>> {
  const instance = `${baseUrl}/instances/${id}`;
  return {
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

/** One call of the Durable HTTP API. Whatever answers 202 is on disk, unless a fault was asked for. */
export function answerHttp(hub: Hub, hubName: string, address: PublicAddress, request: HubRequest): HubResponse {
  const parts = request.path.split("/").map(decodeURIComponent);
  const [what, first, operation, name] = parts;
  const api = new Api(hub, hubName, address, request);
  if (what === "orchestrators" && request.method === "POST" && first && parts.length <= 3)
    return api.begin(first, operation);
  if (what !== "instances") return plain(404);
  if (!first) return request.method === "DELETE" ? api.purgeMany() : api.list();
  if (parts.length === 2) return request.method === "DELETE" ? api.purge(first) : api.status(first);
  if (request.method !== "POST") return plain(404);
  if (operation === "raiseEvent" && name) return api.raise(first, name);
  if (operation === "terminate") return api.message(first, "terminate", EventType.ExecutionTerminated, "Input");
  if (operation === "suspend") return api.message(first, "suspend", EventType.ExecutionSuspended, "Reason");
  if (operation === "resume") return api.message(first, "resume", EventType.ExecutionResumed, "Reason");
  if (operation === "restart") return api.restart(first);
  return plain(operation === "rewind" ? 501 : 404);
}

class Api {
  readonly #hub: Hub;
  readonly #hubName: string;
  readonly #address: PublicAddress;
  readonly #request: HubRequest;

  constructor(hub: Hub, hubName: string, address: PublicAddress, request: HubRequest) {
    this.#hub = hub;
    this.#hubName = hubName;
    this.#address = address;
    this.#request = request;
  }

  begin(name: string, id = randomUUID().replaceAll("-", "")): HubResponse {
    const input = jsonText(this.#request.body);
    if (input === undefined) return json(400, { Message: "The body is not JSON." });
    return this.#begin(name, id, input, 409);
  }

  #begin(name: string, id: string, input: string | null, conflict: number): HubResponse {
    const store = this.#hub.store;
    const version = this.#request.query.get("version");
    const taken = store.commit(() => {
      const known = store.instance(id);
      if (known && !TERMINAL.includes(known.status)) return known.status;
      this.#hub.begin({ id, name, version, input, parent: undefined });
      return undefined;
    });
    if (taken) return json(conflict, { Message: `An Orchestration instance with the status ${taken} already exists.` });
    this.#hub.poke();
    return this.#accepted(id);
  }

  #accepted(id: string): HubResponse {
    const query = `taskHub=${this.#hubName}&connection=Storage&code=${this.#address.key}`;
    const urls = managementUrls(id, this.#address.baseUrl, query);
    return json(202, { id, ...urls }, { location: urls["statusQueryGetUri"] ?? "", "retry-after": "10" });
  }

  status(id: string): HubResponse {
    const instance = this.#hub.store.instance(id);
    if (!instance) return plain(404);
    const { query } = this.#request;
    const body = { ...view(instance, query.get("showInput") !== "false"), ...this.#history(instance) };
    if (TERMINAL.includes(instance.status)) {
      const failed = instance.status === "Failed" && query.get("returnInternalServerErrorOnFailure") === "true";
      return json(failed ? 500 : 200, body);
    }
    const location = `${this.#address.baseUrl}/instances/${id}?taskHub=${this.#hubName}&connection=Storage&code=${this.#address.key}`;
    return json(202, body, { location, "retry-after": "5" });
  }

  #history(instance: Instance): object {
    const { query } = this.#request;
    if (query.get("showHistory") !== "true") return {};
    return {
      historyEvents: shapedHistory(this.#hub.store.history(instance.id), query.get("showHistoryOutput") === "true"),
    };
  }

  list(): HubResponse {
    const { query } = this.#request;
    const statuses = (query.get("runtimeStatus") ?? "").split(",").filter(Boolean);
    const from = Date.parse(query.get("createdTimeFrom") ?? "");
    const to = Date.parse(query.get("createdTimeTo") ?? "");
    const limit = Number(query.get("top") ?? 100) || 100;
    const after = Buffer.from(query.get("continuation") ?? "", "base64url").toString();
    const page = this.#hub.store.list(after, query.get("instanceIdPrefix") ?? "", limit + 1);
    const shown = page
      .slice(0, limit)
      .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
      .filter(({ createdAt }) => (Number.isNaN(from) || createdAt >= from) && (Number.isNaN(to) || createdAt <= to));
    const token = page.length > limit ? Buffer.from(page[limit - 1]?.id ?? "").toString("base64url") : "";
    return json(
      200,
      shown.map((instance) => view(instance, query.get("showInput") !== "false")),
      { "x-ms-continuation-token": token },
    );
  }

  raise(id: string, name: string): HubResponse {
    if (this.#request.contentType !== "application/json")
      return json(400, { Message: "Only application/json request content is supported" });
    const input = this.#request.body === "" ? undefined : jsonText(this.#request.body);
    if (input === undefined) return json(400, { Message: "The body is not JSON." });
    const raised = { Name: name, Input: input, ParentTraceContext: null };
    return this.#post(id, "event", name, EventType.EventRaised, raised);
  }

  message(id: string, kind: "terminate" | "suspend" | "resume", type: EventTypeNumber, field: string): HubResponse {
    const status = this.#hub.store.instance(id)?.status;
    if (
      (kind === "resume" && status !== "Suspended" && status !== undefined && !TERMINAL.includes(status)) ||
      (kind === "suspend" && status === "Suspended")
    )
      return json(500, { Message: `The instance is ${status}.` });
    return this.#post(id, kind, undefined, type, { [field]: this.#request.query.get("reason") });
  }

  #post(
    id: string,
    kind: string,
    name: string | undefined,
    type: EventTypeNumber,
    fields: Readonly<Record<string, unknown>>,
  ): HubResponse {
    const { store, faults } = this.#hub;
    const status = store.instance(id)?.status;
    if (status === undefined) return plain(404);
    if (TERMINAL.includes(status)) return plain(410);
    if (!faults.takeLost(kind, name, id)) {
      store.commit(() =>
        store.post(
          { instanceId: id, executionId: null, event: event(type, new Date().toISOString(), fields) },
          Date.now(),
        ),
      );
      this.#hub.poke();
    }
    return plain(202);
  }

  purge(id: string): HubResponse {
    const { store } = this.#hub;
    const instance = store.instance(id);
    if (!instance) return plain(404);
    if (!TERMINAL.includes(instance.status)) return plain(412);
    return json(200, { instancesDeleted: store.commit(() => store.purge(id)) });
  }

  purgeMany(): HubResponse {
    const { store } = this.#hub;
    const listed = JSON.parse(this.list().body) as readonly { readonly instanceId: string }[];
    const deleted = store.commit(() => listed.reduce((count, { instanceId }) => count + store.purge(instanceId), 0));
    return deleted === 0 ? plain(404) : json(200, { instancesDeleted: deleted });
  }

  restart(id: string): HubResponse {
    const instance = this.#hub.store.instance(id);
    if (!instance) return json(400, { Message: "InstanceId does not match a valid orchestration instance." });
    const fresh = this.#request.query.get("restartWithNewInstanceId") !== "false";
    return this.#begin(instance.name, fresh ? randomUUID().replaceAll("-", "") : id, instance.input, 409);
  }
}

const view = (instance: Instance, showInput: boolean): object => ({
  name: instance.name,
  instanceId: instance.id,
  runtimeStatus: instance.status,
  input: showInput ? parsed(instance.input) : null,
  customStatus: parsed(instance.customStatus),
  output: parsed(instance.output),
  createdTime: withoutFraction(instance.createdAt),
  lastUpdatedTime: withoutFraction(instance.updatedAt),
});

const withoutFraction = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** JSON where the text is JSON, otherwise the text itself. */
const parsed = (text: string | null): unknown => {
  if (text === null || text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** The text if it is JSON, `null` for an empty one, `undefined` for anything else. */
function jsonText(body: string): string | null | undefined {
  if (body === "") return null;
  try {
    JSON.parse(body);
    return body;
  } catch {
    return undefined;
  }
}

const plain = (status: number): HubResponse => ({ status, headers: {}, body: "" });

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HubResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
});
