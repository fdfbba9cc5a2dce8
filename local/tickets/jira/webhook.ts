import { createHmac, randomUUID } from "node:crypto";
import type { Delivery, DeliveryHabits } from "../deliveries.ts";
import { FIELD_NAMES, STATUSES, userJson } from "./catalog.ts";
import { issueJson } from "./issue-json.ts";
import { accountOf, type FieldChange, type Issue } from "./issues.ts";

export const WEBHOOK_PATH = "/api/webhooks/jira";
const AUTOMATION_RULE = "16384021";
const MINUTE_MS = 60_000;
const RETRIES = 5;
const RETRIED_STATUSES = new Set([408, 409, 425, 429]);

type Event = Pick<Delivery, "kind" | "eventId" | "path" | "body">;

export interface JiraEvent {
  readonly name: "jira:issue_created" | "jira:issue_updated" | "jira:issue_deleted";
  readonly type: string;
  readonly by: string;
  readonly changes: readonly FieldChange[];
}

/** What an admin webhook of the site carries. */
export function webhookEvent(issue: Issue, event: JiraEvent, site: string): Event {
  const body = JSON.stringify({
    timestamp: Date.now(),
    webhookEvent: event.name,
    issue_event_type_name: event.type,
    user: userJson(accountOf(event.by)),
    issue: issueJson(issue, site, undefined),
    ...(event.changes.length === 0
      ? {}
      : { changelog: { id: String(Date.now()), items: event.changes.map(changelogItem) } }),
  });
  return { kind: "webhook", eventId: randomUUID(), path: WEBHOOK_PATH, body };
}

/** What the automation rule "send web request" carries: no signature can be made there, only a secret header. */
export const automationEvent = ({ key, updated }: Issue): Event => ({
  kind: "automation",
  eventId: randomUUID(),
  path: WEBHOOK_PATH,
  body: JSON.stringify({ issueKey: key, updated, ruleId: AUTOMATION_RULE }),
});

function changelogItem({ field, before, after }: FieldChange): Record<string, unknown> {
  const isCustom = field.startsWith("customfield_");
  return {
    field: isCustom ? (FIELD_NAMES[field] ?? field) : field,
    fieldtype: isCustom ? "custom" : "jira",
    fieldId: field,
    from: internalId(field, before),
    fromString: shownText(field, before),
    to: internalId(field, after),
    toString: shownText(field, after),
  };
}

/** Ids where a field has them, else null: the texts are in the other two members. */
function internalId(field: string, value: string): string | null {
  if (field === "assignee" || field === "reporter") return value || null;
  return field === "status" ? (STATUSES[value]?.id ?? null) : null;
}

function shownText(field: string, value: string): string | null {
  if (field === "assignee" || field === "reporter") return userJson(value)?.displayName ?? null;
  return value || null;
}

export interface JiraSecrets {
  readonly webhook: string;
  readonly automation: string;
}

export const jiraSignature = (secret: string, body: string): string =>
  `sha256=${createHmac("sha256", secret).update(body, "utf8").digest("hex")}`;

/** Signs with the secret of the moment; the identifier stays the same over retries. Automation rules do not retry. */
export const jiraDelivery = (secrets: () => JiraSecrets): DeliveryHabits => ({
  headers: ({ kind, eventId, body }, retry) =>
    kind === "automation"
      ? { "content-type": "application/json", "x-automation-secret": secrets().automation }
      : {
          "content-type": "application/json; charset=UTF-8",
          "user-agent": "Atlassian HTTP Client",
          "x-atlassian-webhook-identifier": eventId,
          "x-atlassian-webhook-flow": "Primary",
          ...(retry === 0 ? {} : { "x-atlassian-webhook-retry": String(retry) }),
          "x-hub-signature": jiraSignature(secrets().webhook, body),
        },
  retryInMs: (kind, tries, status) => {
    const isRetried = status === undefined || status >= 500 || RETRIED_STATUSES.has(status);
    if (kind === "automation" || !isRetried || tries > RETRIES) return undefined;
    return Math.round((5 + 10 * Math.random()) * MINUTE_MS);
  },
});
