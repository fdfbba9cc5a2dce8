import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { freezeBody } from "../../../../shared/contracts/freeze.ts";
import { jiraAutomationDelivery, jiraDelivery } from "../../../../shared/contracts/jira-delivery.ts";
import { servicenowDelivery } from "../../../../shared/contracts/servicenow-delivery.ts";

const SERVICENOW = {
  eventId: "0123456789abcdef0123456789abcdef",
  occurredAt: "2026-11-24T09:00:00Z",
  table: "change_request",
  sys_id: "a9e30c7dc61122760116894de7bcc7bd",
  number: "CHG0030192",
  state: "-1",
  approval: "approved",
  operation: "update",
};
const JIRA = {
  timestamp: 1_767_603_600_000,
  webhookEvent: "jira:issue_updated",
  issue: { id: "10042", key: "OPS-142" },
};
const AUTOMATION = { issueKey: "OPS-142", updated: "2026-11-24T09:00:00.000+0000", ruleId: "17" };
const FREEZE = { because: "An account was taken over" };

const takes = (schema: z.ZodType, body: unknown): boolean => schema.safeParse(body).success;

describe.each([
  ["ServiceNow", servicenowDelivery, SERVICENOW, ["eventId", "occurredAt", "table", "sys_id", "number"]],
  ["Jira", jiraDelivery, JIRA, ["webhookEvent", "issue"]],
  ["Jira Automation", jiraAutomationDelivery, AUTOMATION, ["issueKey", "updated", "ruleId"]],
  ["a freeze", freezeBody, FREEZE, ["because"]],
] as const)("the body of %s", (_, schema, body, required) => {
  it("is taken as published", () => {
    expect(takes(schema, body)).toBe(true);
  });

  it.each(required)("must have %s, as text of a sensible length", (name) => {
    const { [name]: left, ...rest } = body as Record<string, unknown>;
    const wrong = [rest, ...[7, null, "", "x".repeat(5_000), []].map((value) => ({ ...rest, [name]: value }))];
    expect(left).toBeDefined();
    expect(wrong.filter((one) => takes(schema, one))).toEqual([]);
  });
});

describe("deliveries", () => {
  it.each([
    ["number", "CHG0030192^ORactive=true"],
    ["number", "chg0030192"],
    ["sys_id", "a9e30c7dc61122760116894de7bcc7bd/../x"],
    ["eventId", "short"],
    ["occurredAt", "yesterday"],
    ["operation", "approve"],
    ["callback", "http://127.0.0.1:17071/"],
  ])("of ServiceNow are refused with %s = %j", (name, value) => {
    expect(takes(servicenowDelivery, { ...SERVICENOW, [name]: value })).toBe(false);
  });

  it.each(["OPS-0", "ops-142", "OPS-142 ", "OPS-142?x=1", "OPS", "-1", "O-1", "OPS-1\n"])(
    "of Jira are refused with the key %j",
    (key) => {
      expect(takes(jiraDelivery, { ...JIRA, issue: { key } })).toBe(false);
      expect(takes(jiraAutomationDelivery, { ...AUTOMATION, issueKey: key })).toBe(false);
    },
  );

  it("of Jira keep nothing of what else is in them", () => {
    expect(jiraDelivery.parse({ ...JIRA, user: { accountId: "x" } })).toEqual({
      webhookEvent: "jira:issue_updated",
      issue: { key: "OPS-142" },
    });
  });
});
