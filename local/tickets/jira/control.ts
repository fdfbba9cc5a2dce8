import { z } from "zod";
import type { ControlOperations } from "../../service.ts";
import { controlOperation, Redeliver } from "../control-operation.ts";
import { documentText, textDocument } from "./documents.ts";
import { PROJECTS } from "./catalog.ts";
import { GOOD_HABITS, Habits } from "./habits.ts";
import { Approval, IssueFields, type Issue } from "./issues.ts";
import type { Site } from "./site.ts";
import { jiraSignature, WEBHOOK_PATH } from "./webhook.ts";

const Project = z.enum(Object.keys(PROJECTS));
const change = { by: z.string().default("eva.marek"), webhook: z.boolean().default(true) };
const CreateTicket = z.strictObject({
  project: Project.default("OPS"),
  fields: IssueFields.default({}),
  approval: Approval.optional(),
  ...change,
});
const UpdateTicket = z.strictObject({
  number: z.string(),
  fields: IssueFields.default({}),
  approval: Approval.optional(),
  comment: z.string().optional(),
  ...change,
});
const OneIssue = z.strictObject({ number: z.string(), by: change.by });
const SetSecret = z.strictObject({
  webhook: z.string().optional(),
  automation: z.string().optional(),
  apiToken: z.string().optional(),
});
const SendRaw = z.strictObject({
  body: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  sign: z.boolean().default(false),
});

/** The operations of part `jira`; README.md lists them. Issues go by `number`, as tickets of the other system do. */
export const jiraControl = (site: Site): ControlOperations => ({
  createTicket: controlOperation(CreateTicket, async ({ project, fields, by, approval, webhook }) =>
    report(
      site,
      webhook ? await site.create(project, fields, by, approval) : site.issues.create(project, fields, by, approval),
    ),
  ),
  updateTicket: controlOperation(UpdateTicket, async ({ number, fields, by, approval, comment, webhook }) => {
    const issue = site.find(number);
    if (comment !== undefined) {
      site.issues.addComment(issue, textDocument(comment), by);
      if (webhook) site.tellOfComment(issue, by);
    }
    return report(
      site,
      webhook ? await site.change(issue, fields, by, approval) : site.issues.update(issue, fields, approval).issue,
    );
  }),
  moveIssue: controlOperation(OneIssue.extend({ project: Project }), async ({ number, project, by }) =>
    report(site, await site.move(site.find(number), project, by)),
  ),
  deleteTicket: controlOperation(OneIssue, ({ number, by }) => site.delete(site.find(number), by)),
  ticket: controlOperation(z.strictObject({ number: z.string() }), ({ number }) => report(site, site.find(number))),
  deliveries: () => site.deliveries.list(),
  sendDue: () => site.deliveries.sendDue(),
  redeliver: controlOperation(Redeliver, ({ index, ...repetition }) => site.deliveries.repeat(index, repetition)),
  habits: controlOperation(Habits.partial(), (changes) => {
    site.habits = { ...site.habits, ...(changes as Partial<Habits>) };
    return site.habits;
  }),
  clearHabits: () => {
    site.habits = GOOD_HABITS;
  },
  setSecret: controlOperation(SetSecret, ({ webhook, automation, apiToken }) => {
    site.secrets = { webhook: webhook ?? site.secrets.webhook, automation: automation ?? site.secrets.automation };
    site.apiToken = apiToken ?? site.apiToken;
  }),
  sendRaw: controlOperation(SendRaw, ({ body, headers, sign }) => {
    const signed = sign ? { "x-hub-signature": jiraSignature(site.secrets.webhook, body) } : {};
    return site.deliveries.sendRaw(WEBHOOK_PATH, body, { "content-type": "application/json", ...signed, ...headers });
  }),
});

const report = (site: Site, issue: Issue): unknown => ({
  ...issue,
  comments: site.issues.comments(issue).map(({ author, created, body }) => ({
    at: created,
    by: author,
    text: documentText(body).trimEnd(),
  })),
});
