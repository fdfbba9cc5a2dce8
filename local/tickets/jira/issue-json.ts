import { textDocument } from "./documents.ts";
import { FIELD_NAMES, ISSUE_TYPES, PROJECTS, statusJson, userJson } from "./catalog.ts";
import type { Comment, Issue } from "./issues.ts";

export type Json = Readonly<Record<string, unknown>>;

/** An issue as REST answers and webhooks carry it. `wanted` is the `fields` parameter; unknown names are ignored. */
export function issueJson(issue: Issue, site: string, wanted: string | undefined): Json {
  const all = fieldsJson(issue);
  const names = (wanted ?? "*all").split(",").map((name) => name.trim());
  const left = names.filter((name) => name.startsWith("-")).map((name) => name.slice(1));
  const everything = names.some((name) => name.startsWith("*")) || left.length === names.length;
  const kept = Object.entries(all).filter(([name]) => !left.includes(name) && (everything || names.includes(name)));
  return {
    expand: "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
    id: issue.id,
    self: `${site}/rest/api/3/issue/${issue.id}`,
    key: issue.key,
    fields: Object.fromEntries(kept),
  };
}

export const fieldNames = (fields: Json): Json =>
  Object.fromEntries(Object.keys(fields).map((name) => [name, FIELD_NAMES[name] ?? name]));

function fieldsJson({ fields, project, creator, created, updated, resolved }: Issue): Json {
  const isDone = resolved !== "";
  return {
    summary: fields.summary ?? "",
    description: fields.description ? textDocument(fields.description) : null,
    status: statusJson(fields.status ?? ""),
    assignee: userJson(fields.assignee),
    reporter: userJson(fields.reporter),
    creator: userJson(creator),
    project: { id: PROJECTS[project]?.id, key: project, name: PROJECTS[project]?.name },
    issuetype: { id: ISSUE_TYPES[fields.issuetype ?? ""], name: fields.issuetype, subtask: false },
    resolution: isDone ? { id: "10000", name: fields.status === "Done" ? "Done" : "Won't Do" } : null,
    resolutiondate: resolved || null,
    priority: { name: fields.priority },
    duedate: fields.duedate || null,
    labels: fields.labels ?? [],
    components: (fields.components ?? []).map((name) => ({ name })),
    created,
    updated,
    customfield_10200: fields.customfield_10200 || null,
    customfield_10201: fields.customfield_10201 || null,
    customfield_10202: fields.customfield_10202 || null,
    customfield_10203: fields.customfield_10203 || null,
    customfield_10204: fields.customfield_10204 || null,
  };
}

export const commentJson = (comment: Comment, issue: Issue, site: string, withProperties: boolean): Json => ({
  self: `${site}/rest/api/3/issue/${issue.id}/comment/${comment.id}`,
  id: comment.id,
  author: userJson(comment.author),
  updateAuthor: userJson(comment.author),
  body: comment.body,
  created: comment.created,
  updated: comment.created,
  jsdPublic: true,
  ...(withProperties ? { properties: comment.properties } : {}),
});

/** The approvals of a service desk request. */
export function approvalsJson(issue: Issue): Json {
  const { approval } = issue;
  const values = approval
    ? [
        {
          id: issue.id,
          name: "Waiting for approval",
          finalDecision: approval.finalDecision,
          canAnswerApproval: false,
          approvers: approval.approvers.map((approver) => ({
            approver: userJson(approver),
            approverDecision: approval.finalDecision,
          })),
          createdDate: { iso8601: issue.created },
          ...(approval.finalDecision === "pending" ? {} : { completedDate: { iso8601: issue.updated } }),
        },
      ]
    : [];
  return { size: values.length, start: 0, limit: 50, isLastPage: true, _links: {}, values };
}
