import { jiraDate } from "./catalog.ts";
import type { Approval, IssueFields, Issues } from "./issues.ts";

const HOUR_MS = 3_600_000;
const APPROVED: Approval = { finalDecision: "approved", approvers: ["cora.lindt"] };
const PENDING: Approval = { finalDecision: "pending", approvers: ["cora.lindt"] };

const hoursFromNow = (hours: number): string => jiraDate(Date.now() + hours * HOUR_MS);

/** Fills a new site with issues in every condition that matters. */
export function seedJira(issues: Issues): void {
  const add = (key: string, fields: IssueFields, approval?: Approval): void => {
    issues.create(key.replace(/-.*/, ""), { issuetype: "Change", ...fields }, "eva.marek", approval, key);
  };
  const change = (key: string, fields: IssueFields, approval: Approval = APPROVED): void =>
    add(
      key,
      {
        status: "In Progress",
        components: ["Exchange Online"],
        customfield_10200: "Exchange Administrator",
        customfield_10201: "PT2H",
        customfield_10202: "/",
        customfield_10203: hoursFromNow(-1),
        customfield_10204: hoursFromNow(8),
        ...fields,
      },
      approval,
    );

  change("OPS-142", { summary: "Replace the mail connector of the branch offices", assignee: "hugo.brandt" });
  change("OPS-143", { summary: "Archive the mailboxes of 2019", assignee: "hugo.brandt", status: "Done" });
  change("OPS-144", { summary: "Tighten the anti-phishing policy", assignee: "cora.lindt" });
  change("OPS-145", { summary: "Split the distribution lists" });
  change("OPS-146", { summary: "Enable the journal", assignee: "hugo.brandt", status: "Awaiting Approval" }, PENDING);
  change("OPS-147", { summary: "Remove the old relay", assignee: "hugo.brandt", status: "Cancelled" });
  change("OPS-148", {
    summary: "Move the journal to the archive",
    assignee: "hugo.brandt",
    customfield_10203: hoursFromNow(24),
    customfield_10204: hoursFromNow(32),
  });
  add("OPS-149", {
    issuetype: "Incident",
    summary: "Mail of the treasury is delayed",
    status: "In Progress",
    assignee: "ben.okafor",
    priority: "High",
    customfield_10200: "Security Administrator",
    customfield_10201: "PT1H",
  });
  add("HR-7", { issuetype: "Task", summary: "Prepare the onboarding day", status: "To Do", assignee: "hugo.brandt" });
  change("SEC-3", { summary: "Somebody else's secret", assignee: "hugo.brandt" });
}
