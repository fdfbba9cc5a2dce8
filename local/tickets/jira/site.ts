import type { StackSettings } from "../../service.ts";
import { openTicketDatabase } from "../database.ts";
import { Deliveries } from "../deliveries.ts";
import { GOOD_HABITS, type Habits } from "./habits.ts";
import { Issues, type Approval, type Issue, type IssueFields } from "./issues.ts";
import { seedJira } from "./seed.ts";
import { automationEvent, jiraDelivery, webhookEvent, type JiraEvent, type JiraSecrets } from "./webhook.ts";

/** The state of the site, and what it tells the app about changes. */
export class Site {
  readonly address: string;
  readonly issues: Issues;
  readonly deliveries: Deliveries;
  readonly close: () => void;
  habits: Habits = GOOD_HABITS;
  apiToken: string;
  secrets: JiraSecrets;

  constructor({ dataDirectory, addresses, secrets }: StackSettings) {
    const database = openTicketDatabase(dataDirectory);
    this.close = () => database.close();
    this.address = addresses.jira;
    this.apiToken = secrets.jiraApiToken;
    this.secrets = { webhook: secrets.jiraWebhookSecret, automation: secrets.jiraAutomationSecret };
    this.issues = new Issues(database);
    if (this.issues.all().length === 0) seedJira(this.issues);
    this.deliveries = new Deliveries(
      database,
      "jira",
      addresses.app,
      jiraDelivery(() => this.secrets),
    );
  }

  /** @throws when there is no such issue */
  find(key: string): Issue {
    const issue = this.issues.byKey(key);
    if (!issue) throw new Error(`no issue ${key}`);
    return issue;
  }

  async create(project: string, fields: IssueFields, by: string, approval?: Approval): Promise<Issue> {
    const issue = this.issues.create(project, fields, by, approval);
    await this.tell(issue, { name: "jira:issue_created", type: "issue_created", by, changes: [] });
    return issue;
  }

  async change(issue: Issue, fields: IssueFields, by: string, approval?: Approval): Promise<Issue> {
    const { issue: updated, changes } = this.issues.update(issue, fields, approval);
    if (changes.length > 0 || approval)
      await this.tell(updated, { name: "jira:issue_updated", type: "issue_generic", by, changes });
    return updated;
  }

  async move(issue: Issue, project: string, by: string): Promise<Issue> {
    const { issue: moved, changes } = this.issues.move(issue, project);
    await this.tell(moved, { name: "jira:issue_updated", type: "issue_moved", by, changes });
    return moved;
  }

  async delete(issue: Issue, by: string): Promise<void> {
    this.issues.delete(issue);
    await this.tell(issue, { name: "jira:issue_deleted", type: "issue_deleted", by, changes: [] });
  }

  tellOfComment(issue: Issue, by: string): void {
    if (this.habits.webhookOnComments)
      void this.tell(issue, { name: "jira:issue_updated", type: "issue_commented", by, changes: [] });
  }

  async tell(issue: Issue, event: JiraEvent): Promise<void> {
    const { sends } = this.habits;
    if (sends === "webhook" || sends === "both") await this.deliveries.send(webhookEvent(issue, event, this.address));
    if (sends === "automation" || sends === "both") await this.deliveries.send(automationEvent(issue));
  }
}
