import { randomBytes, timingSafeEqual } from "node:crypto";
import type { FunctionRunner } from "./durable/runner.ts";
import { parseTaskHubSettings } from "./durable/settings.ts";
import { httpCaller } from "./durable/call-http.ts";
import { openTaskHub, type TaskHub } from "./durable/task-hub.ts";
import type { HttpAnswer } from "./http/http-messages.ts";
import { HostServer, type HostRequest } from "./http/host-server.ts";

interface DurableDoorOptions {
  readonly file: string;
  readonly hubName: string;
  readonly runner: FunctionRunner;
  /** `extensions.durableTask` of host.json. */
  readonly durableTask: Readonly<Record<string, unknown>>;
  /** Base URL of the app. */
  readonly address: string;
  /** The `code` of the webhooks. */
  readonly taskHubKey: string | undefined;
  /** Hosts that `callHttp` of an orchestrator may reach beside this machine. */
  readonly callHttpHosts: readonly string[];
}

const WEBHOOK_PATH = "/runtime/webhooks/durabletask/";
const STOP_GRACE_MS = 1_000;

/** The two ways to the task hub: webhooks with the system key, and a port of its own for the app's Durable client. */
export class DurableDoor {
  readonly hub: TaskHub;
  readonly #taskHubKey: string | undefined;
  readonly #rpcServer: HostServer;

  private constructor(hub: TaskHub, taskHubKey: string | undefined, rpcServer: HostServer) {
    this.hub = hub;
    this.#taskHubKey = taskHubKey;
    this.#rpcServer = rpcServer;
  }

  /** The port for the client has no key, as on the platform; a secret path keeps other local programs out. */
  static async open(options: DurableDoorOptions): Promise<DurableDoor> {
    const { file, hubName, runner, durableTask, address, taskHubKey, callHttpHosts } = options;
    const rpcPath = `/${randomBytes(24).toString("base64url")}/durabletask/`;
    const rpcServer = new HostServer(async (request) =>
      request.url.pathname.startsWith(rpcPath) ? ask(hub, request, rpcPath) : { status: 404, headers: {} },
    );
    const port = await rpcServer.listen(0);
    const hub = openTaskHub({
      file,
      hubName,
      runner,
      settings: parseTaskHubSettings(durableTask),
      callHttp: httpCaller(callHttpHosts),
      address: {
        baseUrl: `${address}${WEBHOOK_PATH.slice(0, -1)}`,
        key: taskHubKey ?? "",
        rpcBaseUrl: `http://127.0.0.1:${port}${rpcPath}`,
      },
    });
    hub.start();
    return new DurableDoor(hub, taskHubKey, rpcServer);
  }

  /** Answers a webhook of the Durable HTTP API; `undefined` = the request is for somebody else. */
  async webhook(request: HostRequest): Promise<HttpAnswer | undefined> {
    if (!request.url.pathname.startsWith(WEBHOOK_PATH)) return undefined;
    if (!this.#isKey(keyOf(request))) return { status: 401, headers: {} };
    return ask(this.hub, request, WEBHOOK_PATH);
  }

  /** Lets what runs end; it may still use the client while it does. */
  async close(): Promise<void> {
    await this.hub.stop();
    await this.#rpcServer.close(STOP_GRACE_MS);
  }

  #isKey(code: string): boolean {
    if (this.#taskHubKey === undefined) return true;
    const [given, expected] = [Buffer.from(code), Buffer.from(this.#taskHubKey)];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

/** As on the platform in the address or in a header; a `+` that was not escaped has become a blank. */
function keyOf({ url, message }: HostRequest): string {
  const header = message.headers["x-functions-key"];
  return url.searchParams.get("code")?.replaceAll(" ", "+") ?? (typeof header === "string" ? header : "");
}

const ask = (hub: TaskHub, { method, url, message, body }: HostRequest, base: string): Promise<HttpAnswer> =>
  hub.http({
    method,
    url: url.href,
    path: url.pathname.slice(base.length),
    query: url.searchParams,
    headers: message.headers,
    body: Buffer.from(body).toString("utf8"),
  });
