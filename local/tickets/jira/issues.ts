import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ACCOUNT_IDS, ISSUE_TYPES, jiraDate, PROJECTS, STATUSES } from "./catalog.ts";

const Text = z.string();
const Instant = z
  .string()
  .refine((text) => text === "" || !Number.isNaN(Date.parse(text)), "is no instant")
  .transform((text) => (text === "" ? "" : jiraDate(text)));

/** What somebody may set on an issue: plain values; people by key (`ada.byron`) or account id; empty text clears. */
export const IssueFields = z.strictObject({
  summary: Text.optional(),
  description: Text.optional(),
  status: z.enum(Object.keys(STATUSES)).optional(),
  assignee: Text.optional(),
  reporter: Text.optional(),
  issuetype: z.enum(Object.keys(ISSUE_TYPES)).optional(),
  priority: z.enum(["Highest", "High", "Medium", "Low", "Lowest"]).optional(),
  duedate: Text.optional(),
  labels: z.array(Text).optional(),
  components: z.array(Text).optional(),
  customfield_10200: Text.optional(),
  customfield_10201: Text.optional(),
  customfield_10202: Text.optional(),
  customfield_10203: Instant.optional(),
  customfield_10204: Instant.optional(),
});
export type IssueFields = z.infer<typeof IssueFields>;

export const Approval = z.strictObject({
  finalDecision: z.enum(["approved", "declined", "pending"]),
  approvers: z.array(Text).default(["cora.lindt"]),
});
export type Approval = z.infer<typeof Approval>;

export interface Issue {
  readonly id: string;
  readonly key: string;
  readonly project: string;
  readonly creator: string;
  readonly created: string;
  readonly updated: string;
  readonly resolved: string;
  readonly fields: IssueFields;
  /** Of service desk requests only. */
  readonly approval: Approval | undefined;
}

export interface Comment {
  readonly id: string;
  readonly author: string;
  readonly created: string;
  readonly body: unknown;
  readonly properties: readonly { readonly key: string; readonly value: unknown }[];
}

/** One line of a changelog: texts before and after. */
export interface FieldChange {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const FIRST_ID = 10_042;

/** All issues of the site with their comments, and every key an issue ever had. */
export class Issues {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  all(): readonly Issue[] {
    return this.#database.prepare("SELECT issue FROM jira_issues ORDER BY id").all().map(issueOf);
  }

  /** By its key of today or by one that it had before it was moved. */
  byKey(key: string): Issue | undefined {
    const row = this.#database
      .prepare("SELECT issue FROM jira_issues JOIN jira_keys ON issue_id = id WHERE key = ?")
      .get(key.toUpperCase());
    return row && issueOf(row);
  }

  create(project: string, given: IssueFields, by: string, approval?: Approval, key = this.#nextKey(project)): Issue {
    const now = jiraDate(Date.now());
    const last = this.#database.prepare("SELECT max(id) AS id FROM jira_issues").get();
    const issue: Issue = {
      id: String(Math.max(FIRST_ID - 1, Number(last?.["id"] ?? 0)) + 1),
      key,
      project,
      creator: accountOf(by),
      created: now,
      updated: now,
      resolved: "",
      fields: {
        issuetype: "Task",
        status: "To Do",
        priority: "Medium",
        reporter: accountOf(by),
        ...withAccounts(given),
      },
      approval,
    };
    this.#store(issue);
    return issue;
  }

  update(issue: Issue, given: IssueFields, approval?: Approval): { issue: Issue; changes: readonly FieldChange[] } {
    const fields = { ...issue.fields, ...withAccounts(given) };
    const changes = differences(issue.fields, fields);
    if (changes.length === 0 && approval === undefined) return { issue, changes };
    const now = jiraDate(Date.now());
    const isDone = STATUSES[fields.status ?? ""]?.category === "done";
    const resolved = isDone ? issue.resolved || now : "";
    const updated = { ...issue, fields, resolved, updated: now, approval: approval ?? issue.approval };
    this.#store(updated);
    return { issue: updated, changes };
  }

  /** Gives the issue the next key of another project; the old key goes on leading to it. */
  move(issue: Issue, project: string): { issue: Issue; changes: readonly FieldChange[] } {
    const moved = { ...issue, project, key: this.#nextKey(project), updated: jiraDate(Date.now()) };
    this.#store(moved);
    return {
      issue: moved,
      changes: [
        { field: "project", before: issue.project, after: project },
        { field: "Key", before: issue.key, after: moved.key },
      ],
    };
  }

  delete(issue: Issue): void {
    const id = Number(issue.id);
    this.#database.prepare("DELETE FROM jira_keys WHERE issue_id = ?").run(id);
    this.#database.prepare("DELETE FROM jira_comments WHERE issue_id = ?").run(id);
    this.#database.prepare("DELETE FROM jira_issues WHERE id = ?").run(id);
  }

  /** Oldest first. */
  comments(issue: Issue): readonly Comment[] {
    return this.#database
      .prepare("SELECT id, comment FROM jira_comments WHERE issue_id = ? ORDER BY id")
      .all(Number(issue.id))
      .map((row) => ({ ...(JSON.parse(String(row["comment"])) as Omit<Comment, "id">), id: String(row["id"]) }));
  }

  addComment(issue: Issue, body: unknown, by: string, properties: Comment["properties"] = []): Comment {
    const comment = { author: accountOf(by), created: jiraDate(Date.now()), body, properties };
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO jira_comments (issue_id, comment) VALUES (?, ?)")
      .run(Number(issue.id), JSON.stringify(comment));
    this.#store({ ...issue, updated: comment.created });
    return { ...comment, id: String(lastInsertRowid) };
  }

  #store(issue: Issue): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO jira_issues (id, issue) VALUES (?, ?)")
      .run(Number(issue.id), JSON.stringify(issue));
    this.#database
      .prepare("INSERT OR REPLACE INTO jira_keys (key, issue_id) VALUES (?, ?)")
      .run(issue.key, Number(issue.id));
  }

  #nextKey(project: string): string {
    const used = this.#database
      .prepare("SELECT key FROM jira_keys WHERE key LIKE ?")
      .all(`${project}-%`)
      .map(({ key }) => Number(String(key).slice(project.length + 1)));
    return `${project}-${Math.max(0, ...used) + 1}`;
  }
}

export const isProject = (key: string): boolean => Object.hasOwn(PROJECTS, key);

/** An account id for a person's key; anything else is taken for an account id already. */
export const accountOf = (person: string): string =>
  Object.hasOwn(ACCOUNT_IDS, person) ? (ACCOUNT_IDS[person] ?? person) : person;

function withAccounts(given: IssueFields): IssueFields {
  return {
    ...given,
    ...(given.assignee === undefined ? {} : { assignee: accountOf(given.assignee) }),
    ...(given.reporter === undefined ? {} : { reporter: accountOf(given.reporter) }),
  };
}

function differences(before: IssueFields, after: IssueFields): readonly FieldChange[] {
  return IssueFields.keyof()
    .options.map((field) => ({ field, before: textOf(before[field]), after: textOf(after[field]) }))
    .filter((change) => change.before !== change.after);
}

const textOf = (value: string | readonly string[] | undefined): string =>
  typeof value === "string" ? value : (value ?? []).join(" ");

const issueOf = (row: Record<string, unknown>): Issue => JSON.parse(String(row["issue"])) as Issue;
