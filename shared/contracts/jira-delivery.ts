import * as z from "zod";

const issueKey = z.string().regex(/^[A-Z][A-Z0-9_]{1,9}-[1-9]\d{0,9}$/);

/** The part of a Jira webhook that is read: the key. The rest of the body is theirs and may be anything. */
export const jiraDelivery = z.object({ webhookEvent: z.string().min(1).max(100), issue: z.object({ key: issueKey }) });

/** What our Jira Automation rule sends. */
export const jiraAutomationDelivery = z.strictObject({
  issueKey,
  updated: z.string().min(1).max(64),
  ruleId: z.string().min(1).max(64),
});
