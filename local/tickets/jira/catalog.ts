import { DOMAIN, jiraAccountId, PEOPLE } from "../../seed.ts";

/** The fixed surroundings of issues on this site: projects, types, statuses, people. */
export const PROJECTS: Readonly<
  Record<string, { readonly id: string; readonly name: string; readonly serviceDesk: boolean }>
> = {
  OPS: { id: "10000", name: "Operations", serviceDesk: true },
  HR: { id: "10001", name: "Human Resources", serviceDesk: false },
  /** Our user may not see it. */
  SEC: { id: "10002", name: "Security incidents", serviceDesk: true },
};
export const HIDDEN_PROJECTS: readonly string[] = ["SEC"];

export const ISSUE_TYPES: Readonly<Record<string, string>> = { Change: "10004", Incident: "10005", Task: "10006" };

interface StatusDefinition {
  readonly id: string;
  readonly category: "new" | "indeterminate" | "done";
}

export const STATUSES: Readonly<Record<string, StatusDefinition>> = {
  "To Do": { id: "10000", category: "new" },
  "Awaiting Approval": { id: "10011", category: "indeterminate" },
  Approved: { id: "10010", category: "indeterminate" },
  "In Progress": { id: "3", category: "indeterminate" },
  "On Hold": { id: "10012", category: "indeterminate" },
  Done: { id: "10001", category: "done" },
  Cancelled: { id: "10013", category: "done" },
  Declined: { id: "10014", category: "done" },
};

const CATEGORIES = {
  new: { id: 2, key: "new", name: "To Do", colorName: "blue-gray" },
  indeterminate: { id: 4, key: "indeterminate", name: "In Progress", colorName: "yellow" },
  done: { id: 3, key: "done", name: "Done", colorName: "green" },
} as const;

/** Field names of the site as `expand=names` answers them; the keys are all fields that exist. */
export const FIELD_NAMES: Readonly<Record<string, string>> = {
  summary: "Summary",
  description: "Description",
  status: "Status",
  assignee: "Assignee",
  reporter: "Reporter",
  creator: "Creator",
  project: "Project",
  issuetype: "Issue Type",
  resolution: "Resolution",
  resolutiondate: "Resolved",
  priority: "Priority",
  duedate: "Due date",
  labels: "Labels",
  components: "Components",
  created: "Created",
  updated: "Updated",
  customfield_10200: "Role",
  customfield_10201: "Duration",
  customfield_10202: "Scope",
  customfield_10203: "Planned start",
  customfield_10204: "Planned end",
};

const OWN_ACCOUNT = 0;
export const OWN_ACCOUNT_ID = jiraAccountId(OWN_ACCOUNT);
export const OWN_USER = `zero-standing@${DOMAIN}`;

/** Account ids by person key, our own user among them. */
export const ACCOUNT_IDS: Readonly<Record<string, string>> = {
  "zero-standing": OWN_ACCOUNT_ID,
  ...Object.fromEntries(PEOPLE.map(({ n, key }) => [key, jiraAccountId(n)])),
};

interface JiraUser {
  readonly accountId: string;
  readonly displayName: string;
  readonly active: boolean;
  readonly accountType: "atlassian";
  readonly timeZone: string;
  readonly emailAddress?: string;
}

/** A user as issues embed it. A third of the people hide their address, and then the field is not there at all. */
export function userJson(accountId: string | undefined): JiraUser | null {
  if (accountId === undefined || accountId === "") return null;
  const person = PEOPLE.find(({ n }) => jiraAccountId(n) === accountId);
  const hidesAddress = person !== undefined && person.n % 3 === 0;
  const address = accountId === OWN_ACCOUNT_ID ? OWN_USER : person && `${person.key}@${DOMAIN}`;
  return {
    accountId,
    displayName: person?.name ?? (accountId === OWN_ACCOUNT_ID ? "Zero Standing" : "Former user"),
    active: person !== undefined || accountId === OWN_ACCOUNT_ID,
    accountType: "atlassian",
    timeZone: "Europe/Berlin",
    ...(address === undefined || hidesAddress ? {} : { emailAddress: address }),
  };
}

export function statusJson(name: string): Readonly<Record<string, unknown>> {
  const status = STATUSES[name];
  return status ? { id: status.id, name, statusCategory: CATEGORIES[status.category] } : {};
}

/** Jira's date form: an offset without a colon. */
export const jiraDate = (instant: Date | number | string): string =>
  new Date(instant).toISOString().replace("Z", "+0000");
