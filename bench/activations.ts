import type { Stack } from "../local/stack/stack.ts";
import { AppVisitor, type Page } from "../local/testing/app-visitor.ts";

/** What driving a stack takes, whether it runs under this process or another. */
export interface DrivenStack {
  readonly addresses: { readonly app: string };
  call(part: string, operation: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  settle(): Promise<void>;
}

interface Mail {
  readonly content: string;
}

/** Opens an incident for a person, whose webhook starts an activation; answers when the person is asked to step up. */
export async function openIncident(stack: DrivenStack, person: string, role: string): Promise<string> {
  const created = (await stack.call("servicenow", "createTicket", {
    table: "incident",
    fields: {
      short_description: "Locked accounts",
      state: "2",
      priority: "2",
      assigned_to: person,
      caller_id: "tess.ward",
      opened_by: "tess.ward",
      assignment_group: "Service Desk",
      cmdb_ci: "Entra ID contoso.example",
      u_role: role,
      u_duration: "PT1H",
    },
    by: "tess.ward",
  })) as { readonly fields: Readonly<Record<string, string>> };
  await stack.settle();
  return created.fields["number"] ?? "";
}

/** The newest link that the app sent to this person's daily account. */
export async function newestLink(stack: DrivenStack, person: string): Promise<string> {
  const mails = (await stack.call("mailbox", "messages", { to: `${person}@contoso.example` })) as readonly Mail[];
  const pattern = new RegExp(`${stack.addresses.app}/api/l/[A-Za-z0-9_-]+`);
  const links = mails.map(({ content }) => pattern.exec(content)?.[0]).filter((link) => link !== undefined);
  const link = links.at(-1);
  if (link === undefined) throw new Error(`${person} was sent no link`);
  return link;
}

/** Says "I asked for this" and signs in with the admin account. */
export async function stepUp(link: string, person: string): Promise<Page> {
  const visitor = new AppVisitor(`adm-${person}@contoso.example`);
  return visitor.choose(await visitor.open(link), "confirm");
}

/** An approved change in its window that names the Global Administrator role. */
export async function openChange(stack: Stack, person: string, webhook: boolean): Promise<string> {
  const hoursFromNow = (hours: number): string => new Date(stack.clock.now() + hours * 3_600_000).toISOString();
  const created = (await stack.call("servicenow", "createTicket", {
    table: "change_request",
    fields: {
      short_description: "Rotate the signing certificate",
      state: "-1",
      approval: "approved",
      type: "normal",
      priority: "3",
      on_hold: "false",
      requested_by: "eva.marek",
      opened_by: "eva.marek",
      assigned_to: person,
      assignment_group: "Identity Operations",
      cmdb_ci: "Entra ID contoso.example",
      conflict_status: "No Conflict",
      u_scope: "/",
      u_role: "Global Administrator",
      u_duration: "PT1H",
      start_date: hoursFromNow(-1),
      end_date: hoursFromNow(8),
    },
    webhook,
  })) as { readonly fields: Readonly<Record<string, string>> };
  await stack.settle();
  return created.fields["number"] ?? "";
}
