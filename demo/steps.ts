import { ROLES } from "../local/seed.ts";
import type { Page } from "../local/testing/app-visitor.ts";
import type { Story } from "./story.ts";
import { HOUR_MS, type RoleKey, type World } from "./world.ts";

interface Change {
  readonly assignee: string;
  readonly role: RoleKey;
  readonly duration: string;
  readonly summary: string;
}

/**
 * An approved change whose window is open, filed by the head of platform; ServiceNow tells the app, unless somebody else
 * is to. Answers its number.
 */
export async function fileChange(
  world: World,
  { assignee, role, duration, summary }: Change,
  { webhook }: { readonly webhook: boolean } = { webhook: true },
): Promise<string> {
  const at = (hours: number): string => new Date(world.now() + hours * HOUR_MS).toISOString();
  const ticket = (await world.stack.call("servicenow", "createTicket", {
    table: "change_request",
    by: "eva.marek",
    fields: {
      short_description: summary,
      state: "-1",
      approval: "approved",
      on_hold: "false",
      requested_by: "eva.marek",
      opened_by: "eva.marek",
      assigned_to: assignee,
      u_role: ROLES[role][1],
      u_duration: duration,
      u_scope: "/",
      start_date: at(-1),
      end_date: at(8),
    },
    webhook,
  })) as { readonly fields: { readonly number: string } };
  await world.stack.settle();
  return ticket.fields.number;
}

/** An incident of the service desk that Helpdesk Administrator may be asked for; ServiceNow tells nobody. Answers its number. */
export async function fileIncident(
  world: World,
  { assignee, summary }: Pick<Change, "assignee" | "summary">,
): Promise<string> {
  const ticket = (await world.stack.call("servicenow", "createTicket", {
    table: "incident",
    by: "tess.ward",
    fields: {
      short_description: summary,
      state: "2",
      priority: "2",
      assigned_to: assignee,
      caller_id: "tess.ward",
      opened_by: "tess.ward",
      assignment_group: "Service Desk",
      u_role: "Helpdesk Administrator",
      u_duration: "PT1H",
    },
    webhook: false,
  })) as { readonly fields: { readonly number: string } };
  return ticket.fields.number;
}

/** The person opens the newest link, says "I asked for this" and signs in with the admin account and the phone. */
export async function stepUp(world: World, story: Story, key: string): Promise<Page> {
  const link = await world.newestLink(key);
  story.show("Mail", link.subject, link.url);
  const visitor = world.visitor(key, "admin");
  const page = await visitor.choose(await visitor.open(link.url), "confirm");
  await world.stack.settle();
  return page;
}

/** The approver opens the newest link, signs in to see who asks, and decides with a sign-in of its own. */
export async function decide(
  world: World,
  story: Story,
  key: string,
  choice: "approve" | "deny",
  fields: Readonly<Record<string, string>> = {},
): Promise<Page> {
  const link = await world.newestLink(key);
  story.show("Mail", link.subject, link.url);
  const page = await world.visitor(key).decide(link.url, choice, fields);
  await world.stack.settle();
  return page;
}
