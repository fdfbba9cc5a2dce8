import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { TableClient } from "@azure/data-tables";
import { DOMAIN, PEOPLE, ROLES, adminId, dailyId } from "../local/seed.ts";
import type { Stack } from "../local/stack/stack.ts";
import { AppVisitor } from "../local/testing/app-visitor.ts";
import { recordLines, type AuditRecord } from "./audit-chain.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

type Account = "daily" | "admin" | "secondAdmin";
export type RoleKey = keyof typeof ROLES;

/** What the demo reads of an activation, as the API shows it. */
export interface Activation {
  readonly id: string;
  readonly status: string;
  readonly ticket: { readonly system: string; readonly number: string };
  readonly held: { readonly startsAt: string; readonly endsAt: string } | null;
  readonly decisions: readonly { readonly decision: string; readonly person: { readonly key: string } }[];
  readonly closing: { readonly reason: string; readonly sentence: string } | null;
}

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly content: string;
}

/** A row that the directory holds, or held. */
export interface Grant {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly startsAt: string;
  readonly endsAt: string | null;
  readonly endedAt: string | null;
  readonly ended: "removed" | "expired" | null;
  /** `null` for what stood there before. */
  readonly requestId: string | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
}

/** A request that the app sent to Graph, with its answer. */
export interface GraphRequest {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: {
    readonly action: string;
    readonly principalId: string;
    readonly scheduleInfo?: { readonly expiration?: { readonly type?: string; readonly duration?: string } };
    readonly [name: string]: unknown;
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const REQUESTS = "/roleAssignmentScheduleRequests";
const DEADLINE_MS = 20_000;

/** The little world of the demo: its people, what they get and see, and what the directory really did. */
export class World {
  readonly stack: Stack;

  constructor(stack: Stack) {
    this.stack = stack;
  }

  now(): number {
    return this.stack.clock.now();
  }

  /** Moves the clock and lets everything happen that is due on the way. */
  async advance(ms: number): Promise<void> {
    await this.stack.clock.advance(ms);
    await this.stack.settle();
  }

  /** Somebody at a browser, with one of the person's accounts; `mfa` is what is pressed when the phone asks. */
  visitor(key: string, account: Account = "daily", mfa: "approve" | "deny" = "approve"): AppVisitor {
    const prefix = { daily: "", admin: "adm-", secondAdmin: "adm2-" }[account];
    return new AppVisitor(`${prefix}${key}@${DOMAIN}`, mfa);
  }

  async mails(key: string): Promise<readonly Mail[]> {
    return (await this.stack.call("mailbox", "messages", { to: `${key}@${DOMAIN}` })) as readonly Mail[];
  }

  /** The signed link of the newest message that has one. @throws Error when there is none */
  async newestLink(key: string): Promise<{ readonly url: string; readonly subject: string }> {
    const pattern = new RegExp(`${this.stack.addresses.app}/api/l/[A-Za-z0-9_-]+`);
    for (const { content, subject } of (await this.mails(key)).toReversed()) {
      const [url] = pattern.exec(content) ?? [];
      if (url !== undefined) return { url, subject };
    }
    throw new Error(`${key} got no message with a link`);
  }

  /** A call of the API by a person, with a token of the everyday account. */
  async api(key: string, method: "GET" | "POST", path: string, body?: object): Promise<Answer> {
    const token = (await this.stack.call("login", "mint", { oid: dailyId(numberOf(key)) })) as string;
    const response = await fetch(`${this.stack.addresses.app}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, body: isJson && !text.includes("\n") ? JSON.parse(text) : text };
  }

  /** The person's activations that came from this ticket. */
  async activationsOf(key: string, ticketNumber: string): Promise<readonly Activation[]> {
    const { body } = await this.api(key, "GET", "/api/activations");
    return (body as { readonly own: readonly Activation[] }).own.filter(({ ticket }) => ticket.number === ticketNumber);
  }

  /** The person's only activation from this ticket. @throws Error when there is none or another one */
  async activation(key: string, ticketNumber: string): Promise<Activation> {
    const [found, ...others] = await this.activationsOf(key, ticketNumber);
    if (!found || others.length > 0)
      throw new Error(`${ticketNumber} has ${others.length + (found ? 1 : 0)} activations`);
    return found;
  }

  /** What the directory gave to the person's admin account in this role, apart from what stood there before. */
  async grants(key: string, role: RoleKey): Promise<readonly Grant[]> {
    const [roleDefinitionId] = ROLES[role];
    const all = await this.allGrants();
    return all.filter((row) => row.principalId === adminId(numberOf(key)) && row.roleDefinitionId === roleDefinitionId);
  }

  async allGrants(): Promise<readonly Grant[]> {
    const rows = (await this.stack.call("graph", "grants")) as readonly Grant[];
    return rows.filter(({ requestId }) => requestId !== null);
  }

  /** The requests to give or take a role that the app sent for the person's admin account, the oldest first. */
  async roleRequests(key: string): Promise<readonly GraphRequest[]> {
    const exchanges = (await this.stack.call("graph", "exchanges")) as readonly (Omit<GraphRequest, "body"> & {
      readonly requestBody: string;
    })[];
    return exchanges
      .filter(({ method, path }) => method === "POST" && path.includes(REQUESTS))
      .map(({ requestBody, ...rest }) => ({ ...rest, body: JSON.parse(requestBody) as GraphRequest["body"] }))
      .filter(({ body }) => body.principalId === adminId(numberOf(key)));
  }

  /** What the app wrote to a ticket of ServiceNow, the oldest first. */
  async ticketNotes(number: string): Promise<readonly string[]> {
    const ticket = (await this.stack.call("servicenow", "ticket", { number })) as {
      readonly notes: readonly { readonly by: string; readonly text: string }[];
    };
    return ticket.notes
      .filter(({ by }) => by === "svc.zero-standing")
      .map(({ text }) => text)
      .toReversed();
  }

  /** The whole audit trail as the identity team exports it. */
  async exportAudit(): Promise<string> {
    const { status, body } = await this.api("dev.patel", "GET", "/api/audit");
    if (status !== 200) throw new Error(`the audit export answered ${status}`);
    return typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
  }

  async auditOf(activationId: string): Promise<readonly AuditRecord[]> {
    return recordLines(await this.exportAudit())
      .map((line) => JSON.parse(line) as AuditRecord)
      .filter(({ subject }) => subject === activationId || subject.endsWith(activationId));
  }

  /** The id of the key that signs the checkpoints, as the app publishes it. */
  async checkpointKeyId(): Promise<string> {
    const { body } = await this.api("dev.patel", "GET", "/api/audit/keys");
    return (body as { readonly keys: readonly { readonly kid: string }[] }).keys[0]?.kid ?? "none";
  }

  /** The worker's public key as PEM: it is in the settings of every front, so a thief has it too. */
  workerPublicKey(): string {
    const secrets = JSON.parse(readFileSync(join(this.stack.dataDirectory, "secrets.json"), "utf8")) as {
      readonly publicKeys: Readonly<Record<string, string>>;
    };
    return secrets.publicKeys["worker"] ?? "";
  }

  /** One of the app's tables, with the rights of its own storage account. */
  table(name: "activations" | "claims" | "pending"): TableClient {
    return TableClient.fromConnectionString(this.stack.addresses.storage, name, { allowInsecureConnection: true });
  }

  /** Rows that announce events which are still to be published. */
  async announcements(): Promise<number> {
    let rows = 0;
    for await (const { kind } of this.table("pending").listEntities<{ readonly kind?: string }>())
      if (kind === "publish") rows++;
    return rows;
  }

  /** The ids of all orchestrations that ever ran for an activation. */
  async instances(): Promise<readonly string[]> {
    const all = `${this.stack.taskHubAddress}/runtime/webhooks/durabletask/instances`;
    const query = `instanceIdPrefix=activation-&top=1000&code=${encodeURIComponent(this.stack.taskHubKey)}`;
    const response = await fetch(`${all}?${query}`);
    return ((await response.json()) as readonly { readonly instanceId: string }[]).map(({ instanceId }) => instanceId);
  }

  /** Raises an event through the Durable HTTP API, with the system key. Answers the HTTP status. */
  async raiseEvent(activationId: string, name: string, content: object): Promise<number> {
    const instance = `${this.stack.taskHubAddress}/runtime/webhooks/durabletask/instances/activation-${activationId}`;
    const response = await fetch(`${instance}/raiseEvent/${name}?code=${encodeURIComponent(this.stack.taskHubKey)}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(content),
    });
    return response.status;
  }

  /** Looks again and again, without moving the clock, until there is something. @throws Error after 20 seconds, unless said otherwise */
  async waitFor<T>(
    what: string,
    look: () => Promise<T | undefined>,
    { everyMs = 2, deadlineMs = DEADLINE_MS }: { readonly everyMs?: number; readonly deadlineMs?: number } = {},
  ): Promise<T> {
    const deadline = performance.now() + deadlineMs;
    while (performance.now() < deadline) {
      const seen = await look();
      if (seen !== undefined) return seen;
      await pause(everyMs);
    }
    throw new Error(`waited in vain for ${what}`);
  }
}

export function numberOf(key: string): number {
  const person = PEOPLE.find((one) => one.key === key);
  if (!person) throw new Error(`there is no person ${key}`);
  return person.n;
}
