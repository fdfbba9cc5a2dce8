import * as z from "zod";

/** What we read of a Jira issue; other fields are kept, because the policy names the custom ones. */
export const jiraIssue = z.object({
  id: z.string(),
  key: z.string(),
  fields: z.looseObject({
    summary: z.string().nullish(),
    status: z.object({ id: z.string(), name: z.string().nullish(), statusCategory: z.object({ key: z.string() }) }),
    assignee: z.object({ accountId: z.string() }).nullish(),
    creator: z.object({ accountId: z.string() }).nullish(),
    issuetype: z.object({ name: z.string() }),
    project: z.object({ key: z.string() }),
    resolution: z.unknown().optional(),
  }),
});

export const jiraSelf = z.object({ displayName: z.string().optional() });
