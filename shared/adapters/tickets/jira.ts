import type { z } from "zod";
import { jiraIssue, jiraSelf } from "../../contracts/jira.ts";
import type { TicketSystemPolicy } from "../../domain/policy.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { parseInstant } from "../../domain/time.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { TicketAccount, TicketSystem } from "../../ports/ticket-system.ts";
import { callJson, type JsonAnswer, type JsonRequest } from "./json-http.ts";

const SYSTEM = "Jira";

/** Jira Cloud, REST v3, with an API token. @see https://developer.atlassian.com/cloud/jira/platform/rest/v3/ */
export function createJira(options: {
  readonly url: string;
  readonly user: string;
  readonly apiToken: () => string;
  readonly policy: TicketSystemPolicy;
}): TicketSystem & TicketAccount {
  const { url, user, apiToken, policy } = options;
  const call = (path: string, request: JsonRequest = {}): Promise<JsonAnswer> =>
    callJson(SYSTEM, `${url}/rest/api/3${path}`, {
      ...request,
      headers: { authorization: `Basic ${Buffer.from(`${user}:${apiToken()}`).toString("base64")}` },
    });
  /** With bad credentials Jira reads as nobody and answers 404: ask who we are before believing it. */
  const notFound = async (): Promise<undefined> => {
    if ((await call("/myself")).status !== 200)
      throw new DependencyError("Misconfigured", `${SYSTEM} refuses our credentials`);
    return undefined;
  };
  return {
    async signedInAs() {
      const answer = await call("/myself");
      if (answer.status !== 200) throw new DependencyError("Misconfigured", `${SYSTEM} refuses our credentials`);
      return jiraSelf.safeParse(answer.body).data?.displayName;
    },
    async fetch({ number }) {
      if (!new RegExp(`^(?:${policy.numberPattern})$`).test(number)) return undefined;
      const fields = [
        "summary",
        "status",
        "assignee",
        "creator",
        "issuetype",
        "project",
        "resolution",
        ...Object.values(policy.fields),
      ];
      const answer = await call(`/issue/${encodeURIComponent(number)}?fields=${fields.map(encodeURIComponent).join()}`);
      if (answer.status === 404) return notFound();
      const issue = jiraIssue.safeParse(answer.body);
      if (answer.status !== 200 || !issue.success) throw unexpected(answer);
      // A moved issue answers under its old key with its new one: it is not the ticket that was named.
      return issue.data.key === number && isAllowedProject(issue.data.fields.project.key, policy)
        ? ticketOf(issue.data, policy)
        : undefined;
    },
    async note({ number }, { marker, text }) {
      const path = `/issue/${encodeURIComponent(number)}/comment`;
      const known = await call(`${path}?orderBy=-created&maxResults=50`);
      if (JSON.stringify(known.body ?? null).includes(marker)) return;
      const written = await call(path, { method: "POST", json: { body: richText(`${text} [${marker}]`) } });
      if (written.status >= 300) throw unexpected(written);
    },
  };
}

const isAllowedProject = (project: string, { projects }: TicketSystemPolicy): boolean =>
  projects?.includes(project) ?? true;

function unexpected({ status }: JsonAnswer): DependencyError {
  return new DependencyError(
    status === 401 || status === 403 ? "Misconfigured" : "Rejected",
    `${SYSTEM}: unexpected answer ${status}`,
  );
}

function ticketOf({ id, key, fields }: z.output<typeof jiraIssue>, policy: TicketSystemPolicy): Ticket {
  const names = policy.fields;
  const text = (name: string | undefined): string | undefined =>
    name !== undefined && Object.hasOwn(fields, name) ? textOf(fields[name]) : undefined;
  const startsAt = parseInstant(text(names.windowStart) ?? "");
  const endsAt = parseInstant(text(names.windowEnd) ?? "");
  return {
    system: "jira",
    number: key,
    id,
    type: fields.issuetype.name,
    summary: fields.summary ?? "",
    configurationItem: text(names.configurationItem),
    status: statusOf(fields, policy),
    onHold: false,
    approval: "unknown",
    window: startsAt !== undefined && endsAt !== undefined ? { startsAt, endsAt } : undefined,
    assignee: fields.assignee?.accountId,
    assignmentGroup: undefined,
    creator: fields.creator?.accountId,
    asks: { role: text(names.role), duration: text(names.duration), scope: text(names.scope) },
  };
}

/** A select field carries its text as `value`, a component as `name`; several are joined. */
function textOf(field: unknown): string | undefined {
  if (typeof field === "string") return field.trim() || undefined;
  if (Array.isArray(field)) return field.map(textOf).filter(Boolean).join(", ") || undefined;
  if (typeof field !== "object" || field === null) return undefined;
  if ("value" in field) return textOf(field.value);
  return "name" in field ? textOf(field.name) : undefined;
}

/** Decided on the status category, and on status ids where the policy names them; names are translated and per project. */
function statusOf(fields: z.output<typeof jiraIssue>["fields"], { types }: TicketSystemPolicy): Ticket["status"] {
  const type = Object.hasOwn(types, fields.issuetype.name) ? types[fields.issuetype.name] : undefined;
  const words = [fields.status.id, fields.status.statusCategory.key];
  if (words.some((word) => type?.cancelledStates.includes(word))) return "cancelled";
  const resolved = (fields.resolution ?? null) !== null || fields.status.statusCategory.key === "done";
  return !resolved && words.some((word) => type?.openStates.includes(word)) ? "open" : "closed";
}

const richText = (text: string): object => ({
  type: "doc",
  version: 1,
  content: [{ type: "paragraph", content: [{ type: "text", text }] }],
});
