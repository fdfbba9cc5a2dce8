import type { Context } from "hono";
import { csrf } from "hono/csrf";
import { html } from "hono/html";
import type { LocalApp } from "../../http/server.ts";
import { labelled, page, selectBox, textField, type Fragment } from "../page.ts";
import { ACCOUNT_IDS, FIELD_NAMES, ISSUE_TYPES, PROJECTS, STATUSES, userJson } from "./catalog.ts";
import { documentText, textDocument } from "./documents.ts";
import { Approval, IssueFields, isProject, type Issue } from "./issues.ts";
import type { Site } from "./site.ts";

/** What a person may change on the page of an issue; the rest only the control API can. */
const EDITABLE = [
  "summary",
  "status",
  "assignee",
  "customfield_10200",
  "customfield_10201",
  "customfield_10202",
  "customfield_10203",
  "customfield_10204",
] as const;

/** Pages to play with: the issues, one issue, and forms that change them as somebody. */
export function mountPages(app: LocalApp, site: Site): void {
  app.use("/browse/*", csrf());
  app.get("/", (c) => page(c, "Jira (simulated)", listOf(site)));
  app.post("/browse/new", async (c) => {
    const { form, fields, by } = await formOf(c);
    const project = form.get("project") ?? "";
    if (!fields.success || !isProject(project)) return page(c, "That cannot be saved", html``, 400);
    const issue = site.issues.create(project, fields.data, by);
    void site.tell(issue, { name: "jira:issue_created", type: "issue_created", by, changes: [] });
    return c.redirect(`/browse/${issue.key}`, 303);
  });
  app.get("/browse/:key", (c) => {
    const issue = site.issues.byKey(c.req.param("key"));
    return issue ? page(c, issue.key, issueOf(site, issue)) : missing(c);
  });
  app.post("/browse/:key", async (c) => {
    const issue = site.issues.byKey(c.req.param("key"));
    if (!issue) return missing(c);
    const { form, fields, by } = await formOf(c);
    const approval = Approval.optional().safeParse(approvalOf(form, issue));
    if (!fields.success || !approval.success) return page(c, "That cannot be saved", html``, 400);
    const comment = form.get("comment") ?? "";
    if (comment !== "") {
      site.issues.addComment(issue, textDocument(comment), by);
      site.tellOfComment(issue, by);
    }
    void site.change(issue, fields.data, by, approval.data);
    return c.redirect(`/browse/${issue.key}`, 303);
  });
}

const missing = (c: Context): Response | Promise<Response> =>
  page(c, "No such issue", html`<p><a href="/">All issues</a></p>`, 404);

async function formOf(c: Context) {
  const form = new URLSearchParams(await c.req.text());
  const names = [...EDITABLE, "issuetype"].filter((name) => form.has(name));
  const fields = IssueFields.safeParse(Object.fromEntries(names.map((name) => [name, form.get(name) ?? ""])));
  return { form, fields, by: form.get("by") ?? "" };
}

/** A decision of the approvers, if the form holds another one than the issue. */
function approvalOf(form: URLSearchParams, { approval }: Issue): unknown {
  const decision = form.get("approval") ?? "";
  return decision === "" || decision === approval?.finalDecision ? undefined : { finalDecision: decision };
}

function listOf({ issues }: Site): Fragment {
  const types = Object.fromEntries(Object.keys(ISSUE_TYPES).map((name) => [name, name]));
  const projects = Object.fromEntries(Object.entries(PROJECTS).map(([key, { name }]) => [key, name]));
  return html`<table>
      <tr>
        <th>Key</th>
        <th>Summary</th>
        <th>Status</th>
        <th>Approval</th>
        <th>Assignee</th>
        <th>Asks for</th>
      </tr>
      ${issues.all().map(
        ({ key, fields, approval }) =>
          html`<tr>
            <td><a href="/browse/${key}">${key}</a></td>
            <td>${fields.summary}</td>
            <td>${fields.status}</td>
            <td>${approval?.finalDecision}</td>
            <td>${displayName(fields.assignee)}</td>
            <td>${fields.customfield_10200} ${fields.customfield_10201}</td>
          </tr>`,
      )}
    </table>
    <h2>New issue</h2>
    <form method="post" action="/browse/new">
      ${labelled("project", "Project", selectBox("project", projects, "OPS"))}
      ${labelled("issuetype", "Type", selectBox("issuetype", types, "Incident"))}
      ${labelled("summary", "Summary", textField("summary", ""))}
      ${labelled("assignee", "Assignee", selectBox("assignee", people(), undefined))}
      ${labelled("customfield_10200", "Role", textField("customfield_10200", ""))}
      ${labelled("customfield_10201", "Duration", textField("customfield_10201", "PT1H"))}
      ${labelled("by", "Reporter", selectBox("by", people(), ACCOUNT_IDS["eva.marek"]))}
      <button>Create</button>
    </form>`;
}

function issueOf(site: Site, issue: Issue): Fragment {
  const { fields } = issue;
  const facts: Readonly<Record<string, string | undefined>> = {
    Id: issue.id,
    Type: fields.issuetype,
    Project: issue.project,
    Reporter: displayName(fields.reporter),
    Approval: issue.approval?.finalDecision,
    Created: issue.created,
    Updated: issue.updated,
    Resolved: issue.resolved,
  };
  return html`<p><a href="/">All issues</a></p>
    <table>
      ${Object.entries(facts).map(
        ([name, value]) =>
          html`<tr>
            <th>${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </table>
    <h2>Comments</h2>
    ${site.issues.comments(issue).map(
      ({ author, created, body }) =>
        html`<p><small>${created}, ${displayName(author)}</small></p>
          <pre>${documentText(body).trimEnd()}</pre>`,
    )}
    <h2>Change it</h2>
    <form method="post">
      ${EDITABLE.map((name) => labelled(name, FIELD_NAMES[name] ?? name, inputFor(name, fields[name] ?? "")))}
      ${labelled("approval", "Approval", selectBox("approval", APPROVALS, issue.approval?.finalDecision))}
      ${labelled("comment", "Comment", html`<textarea name="comment" id="comment"></textarea>`)}
      ${labelled("by", "Changed by", selectBox("by", people(), ACCOUNT_IDS["eva.marek"]))}
      <button>Save</button>
    </form>`;
}

const APPROVALS = { "": "(none)", pending: "pending", approved: "approved", declined: "declined" };

function inputFor(name: (typeof EDITABLE)[number], value: string): Fragment {
  if (name === "status") return selectBox(name, Object.fromEntries(Object.keys(STATUSES).map((s) => [s, s])), value);
  return name === "assignee" ? selectBox(name, people(), value) : textField(name, value);
}

const displayName = (accountId: string | undefined): string => userJson(accountId)?.displayName ?? "";

const people = (): Record<string, string> => ({
  "": "(nobody)",
  ...Object.fromEntries(Object.values(ACCOUNT_IDS).map((accountId) => [accountId, displayName(accountId)])),
});
