import type { Stack } from "../../local/stack/stack.ts";
import { AppVisitor, plainText, type Page } from "../../local/testing/app-visitor.ts";
import type { ActivationState } from "../../shared/domain/activation.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import { jsonOf, storedRows } from "./stored-rows.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Who asks for what with a change, and who agrees. */
export interface Wish {
  readonly person: string;
  readonly role: string;
  readonly duration: string;
  readonly approvers: readonly string[];
}

/** The story that is attacked: a top role for two hours, one approval. */
export const ADA_GLOBAL: Wish = {
  person: "ada.byron",
  role: "Global Administrator",
  duration: "PT2H",
  approvers: ["cora.lindt"],
};
export const HUGO_EXCHANGE: Wish = {
  person: "hugo.brandt",
  role: "Exchange Administrator",
  duration: "PT1H",
  approvers: ["dev.patel"],
};

/** One row of the directory's own list of everything that was ever active. */
export interface DirectoryGrant {
  readonly scheduleId: string;
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
  readonly by: { readonly kind: string; readonly id: string };
  readonly startsAt: string;
  readonly endsAt: string | null;
  readonly endedAt: string | null;
  readonly ended: "removed" | "expired" | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
}

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly requestBody: string;
  readonly status: number;
  readonly responseBody: string;
  readonly truncated: boolean;
}

interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly at: string;
  readonly content: string;
}

/** What the tables hold about one activation, as its state row says. */
export interface StoredActivation {
  readonly id: string;
  readonly state: ActivationState;
}

/** People in front of a running app, and what can be seen of it from outside: mail, directory, tickets, tables. */
export class RunningApp {
  readonly stack: Stack;

  constructor(stack: Stack) {
    this.stack = stack;
  }

  /** The browser that a person uses for their admin account, or the daily one. */
  adminOf = (person: string): AppVisitor => new AppVisitor(`adm-${person}@contoso.example`);
  dailyOf = (person: string): AppVisitor => new AppVisitor(`${person}@contoso.example`);

  /** Opens a change that fits the wish, an hour in its window; its webhook, if any, is answered when this resolves. */
  async openChange(wish: Wish, more: Readonly<Record<string, string>> = {}, webhook = true): Promise<string> {
    const now = this.stack.clock.now();
    const ticket = (await this.stack.call("servicenow", "createTicket", {
      table: "change_request",
      by: "eva.marek",
      webhook,
      fields: {
        state: "-1",
        approval: "approved",
        type: "normal",
        on_hold: "false",
        requested_by: "eva.marek",
        opened_by: "eva.marek",
        assigned_to: wish.person,
        assignment_group: "Identity Operations",
        cmdb_ci: "Entra ID contoso.example",
        short_description: `Work for ${wish.role}`,
        u_role: wish.role,
        u_duration: wish.duration,
        u_scope: "/",
        start_date: new Date(now - HOUR_MS).toISOString(),
        end_date: new Date(now + 8 * HOUR_MS).toISOString(),
        ...more,
      },
    })) as { readonly fields: { readonly number: string } };
    return ticket.fields.number;
  }

  /** The newest signed link that a person got about a ticket. */
  async linkTo(person: string, ticket: string): Promise<string> {
    const links = (await this.mails(`${person}@contoso.example`))
      .filter(({ content }) => content.includes(ticket))
      .map(({ content }) => /http[^"]*\/api\/l\/[A-Za-z0-9_-]+/.exec(content)?.[0])
      .filter((link) => link !== undefined);
    const link = links.at(-1);
    if (link === undefined) throw new Error(`${person} got no link about ${ticket}`);
    return link;
  }

  async mails(to?: string): Promise<readonly Mail[]> {
    return (await this.stack.call("mailbox", "messages", to === undefined ? {} : { to })) as readonly Mail[];
  }

  async confirm(wish: Wish, ticket: string): Promise<Page> {
    const visitor = this.adminOf(wish.person);
    return visitor.choose(await visitor.open(await this.linkTo(wish.person, ticket)), "confirm");
  }

  async decide(
    approver: string,
    ticket: string,
    choice: "approve" | "deny" = "approve",
    fields: Readonly<Record<string, string>> = choice === "deny" ? { reason: "not today" } : {},
  ): Promise<Page> {
    return this.dailyOf(approver).decide(await this.linkTo(approver, ticket), choice, fields);
  }

  /** From the ticket to the moment before anybody decided. */
  async askFor(wish: Wish): Promise<string> {
    const ticket = await this.openChange(wish);
    await this.stack.settle();
    await this.confirm(wish, ticket);
    await this.stack.settle();
    return ticket;
  }

  /** From the ticket to the role. */
  async hold(wish: Wish): Promise<string> {
    const ticket = await this.askFor(wish);
    for (const approver of wish.approvers) await this.decide(approver, ticket);
    await this.stack.settle();
    return ticket;
  }

  async activations(ticket?: string): Promise<readonly StoredActivation[]> {
    const rows = await storedRows(this.stack, "activations");
    const ids = rows
      .filter(({ rowKey }) => rowKey === "claim")
      .filter((row) => ticket === undefined || (jsonOf(row) as { ticket: { number: string } }).ticket.number === ticket)
      .map(({ partitionKey }) => partitionKey ?? "");
    return rows
      .filter(({ rowKey, partitionKey }) => rowKey === "state" && ids.includes(partitionKey ?? ""))
      .map((row) => ({ id: row.partitionKey ?? "", state: (jsonOf(row) as { state: ActivationState }).state }));
  }

  /** The only activation of a ticket. */
  async activation(ticket: string): Promise<StoredActivation> {
    const [only, ...others] = await this.activations(ticket);
    if (!only || others.length > 0) throw new Error(`${ticket} has ${others.length + (only ? 1 : 0)} activations`);
    return only;
  }

  async status(ticket: string): Promise<string> {
    return (await this.activation(ticket)).state.status;
  }

  async audit(subject?: string): Promise<readonly AuditRecord[]> {
    return (await storedRows(this.stack, "audit", subject)).map((row) => jsonOf(row, "record") as AuditRecord);
  }

  async auditTypes(subject: string): Promise<readonly string[]> {
    return (await this.audit(subject)).map(({ type }) => type);
  }

  async notes(ticket: string): Promise<readonly string[]> {
    const { notes } = (await this.stack.call("servicenow", "ticket", { number: ticket })) as {
      readonly notes: readonly { readonly text: string }[];
    };
    return notes.map(({ text }) => text);
  }

  /** What was granted on behalf of a ticket, or by this system at all. */
  async grants(ticket?: string): Promise<readonly DirectoryGrant[]> {
    const all = (await this.stack.call("graph", "grants")) as readonly DirectoryGrant[];
    return all.filter((one) => (ticket === undefined ? one.by.kind !== "user" : one.ticketNumber === ticket));
  }

  /** Accounts that are eligible for the role now, at whatever scope, as the directory has it. */
  async eligibleFor(roleDefinitionId: string): Promise<readonly string[]> {
    interface Row {
      readonly kind: string;
      readonly principalId: string;
      readonly roleDefinitionId: string;
      readonly removedAt: number | null;
    }
    const { rows } = (await this.stack.call("graph", "state")) as { readonly rows: readonly Row[] };
    return rows
      .filter((row) => row.kind === "eligibility" && row.removedAt === null)
      .filter((row) => row.roleDefinitionId === roleDefinitionId)
      .map(({ principalId }) => principalId);
  }

  async exchanges(): Promise<readonly Exchange[]> {
    return (await this.stack.call("graph", "exchanges")) as readonly Exchange[];
  }

  /** The words of the page of an activation, as a person concerned sees it. */
  async pageText(person: string, ticket: string): Promise<string> {
    const { id } = await this.activation(ticket);
    const visitor = this.dailyOf(person);
    const page = await visitor.open(`${this.stack.addresses.app}/api/a/${id}`);
    return plainText((await visitor.choose(page, "signIn")).text);
  }

  /** Rings the doorbell of an activation as anybody with the task hub's key can. */
  ring(id: string, event = "AskArrived"): Promise<number> {
    return this.hub("POST", `instances/activation-${id}/raiseEvent/${event}`);
  }

  /** Calls the Durable HTTP API as anybody with the task hub's key can; answers the status. */
  async hub(method: string, path: string, body = {}): Promise<number> {
    const url = `${this.stack.taskHubAddress}/runtime/webhooks/durabletask/${path}`;
    const response = await fetch(`${url}?code=${encodeURIComponent(this.stack.taskHubKey)}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(method === "POST" ? { body: JSON.stringify(body) } : {}),
    });
    return response.status;
  }
}
