import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDirectory, type DirectoryNeighbours } from "../../local/entra/graph-server.ts";
import { DirectoryState } from "../../local/entra/state.ts";
import type { Caller } from "../../local/entra/tokens.ts";
import type { Exchange } from "../../local/http/server.ts";
import { APPS } from "../../local/seed.ts";
import type { StackSettings } from "../../local/service.ts";
import { validateExchange } from "./graph-contract.ts";

export type SentMail = Parameters<DirectoryNeighbours["deliver"]>[0];

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Calls of Graph over the network; `caller` is what the bearer token is made from. */
export interface DirectoryClient {
  get(path: string, caller?: string, headers?: Readonly<Record<string, string>>): Promise<GraphAnswer>;
  post(path: string, body?: unknown, caller?: string): Promise<GraphAnswer>;
  patch(path: string, body: unknown, caller?: string): Promise<GraphAnswer>;
}

/**
 * The directory of the local stack in this process, on a port of its own. It knows callers by name: an app of the
 * seed, `all` (every permission) or `user:<object id>`.
 */
export interface LocalDirectory extends DirectoryClient {
  /** Origin of Graph. */
  readonly url: string;
  readonly mails: readonly SentMail[];
  control(operation: string, parameters?: Readonly<Record<string, unknown>>): unknown;
  /** What the traffic so far breaks of Graph's contract. */
  contractProblems(): string[];
  /** Ends it and starts another one on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const ALL = [
  "RoleAssignmentSchedule.ReadWrite.Directory",
  "RoleEligibilitySchedule.ReadWrite.Directory",
  "RoleManagement.Read.Directory",
  "User.Read.All",
  "User.RevokeSessions.All",
  "GroupMember.Read.All",
  "Directory.Read.All",
  "AuditLog.Read.All",
  "Mail.Send",
  "AccessReview.ReadWrite.All",
];

export async function startLocalDirectory(): Promise<LocalDirectory> {
  const settings = settingsFor(mkdtempSync(join(tmpdir(), "local-directory-")), await freePort());
  const mails: SentMail[] = [];
  const make = () =>
    createDirectory(settings, new DirectoryState(settings.dataDirectory), {
      authenticate: callerOf,
      deliver: (mail) => mails.push(mail),
    });
  let service = make();
  await service.start();

  const control: LocalDirectory["control"] = (operation, parameters = {}) => {
    const run = service.control[operation];
    if (!run) throw new Error(`no operation ${operation}`);
    return run(parameters);
  };
  return {
    ...directoryClient(settings),
    url: settings.addresses.graph,
    mails,
    control,
    contractProblems: () => (control("exchanges") as readonly Exchange[]).flatMap(validateExchange),
    restart: async () => {
      await service.stop();
      service = make();
      await service.start();
    },
    stop: async () => {
      await service.stop();
      rmSync(settings.dataDirectory, { recursive: true });
    },
  };
}

/** @param tokenOf the bearer token for a caller's name; without it the name itself */
export function directoryClient(
  { addresses }: StackSettings,
  tokenOf: (caller: string) => string = (caller) => caller,
): DirectoryClient {
  const call = async (path: string, caller: string, init: RequestInit): Promise<GraphAnswer> => {
    const response = await fetch(path.startsWith("http") ? path : `${addresses.graph}/v1.0${path}`, {
      ...init,
      headers: {
        ...(init.headers as Record<string, string>),
        authorization: `Bearer ${tokenOf(caller)}`,
        connection: "close", // a kept connection would not outlive a restart
      },
    });
    const text = await response.text();
    const body = (text === "" ? {} : JSON.parse(text)) as GraphAnswer["body"];
    return { status: response.status, headers: response.headers, body };
  };
  const json = (body: unknown): RequestInit => ({
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", "client-request-id": "7" },
  });
  return {
    get: (path, caller = "all", headers = {}) => call(path, caller, { headers }),
    post: (path, body, caller = "all") =>
      call(path, caller, { method: "POST", ...(body === undefined ? {} : json(body)) }),
    patch: (path, body, caller = "all") => call(path, caller, { method: "PATCH", ...json(body) }),
  };
}

function callerOf(header: string | undefined): Caller | undefined {
  const name = header?.replace("Bearer ", "") ?? "";
  if (name === "all") return { ...APPS.worker, permissions: ALL };
  if (name.startsWith("user:"))
    return { ...APPS.cli, permissions: [], scopes: ALL, userObjectId: name.slice("user:".length) };
  return Object.entries(APPS).find(([app]) => app === name)?.[1];
}

export function settingsFor(dataDirectory: string, port: number): StackSettings {
  const elsewhere = "http://127.0.0.1:9";
  return {
    dataDirectory,
    addresses: {
      app: elsewhere,
      graph: `http://127.0.0.1:${port}`,
      login: elsewhere,
      servicenow: elsewhere,
      jira: elsewhere,
      mailbox: elsewhere,
      azure: elsewhere,
      control: elsewhere,
      storage: "",
      serviceBus: "",
    },
    secrets: {
      identityHeader: "",
      frontIdentityHeader: "front",
      sweeperIdentityHeader: "sweeper",
      signInClientSecret: "",
      servicenowClientSecret: "",
      servicenowWebhookSecret: "",
      jiraApiToken: "",
      jiraWebhookSecret: "",
      jiraAutomationSecret: "",
    },
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
