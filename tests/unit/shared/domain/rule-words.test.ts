import { describe, expect, it } from "vitest";
import type { RoleRule } from "../../../../shared/domain/baseline.ts";
import { ruleChangeText } from "../../../../shared/domain/rule-words.ts";

const approval = (isApprovalRequired: boolean, approvers: readonly object[], more: object = {}): RoleRule => ({
  id: "Approval_EndUser_Assignment",
  setting: { isApprovalRequired, approvalStages: [{ primaryApprovers: approvers, ...more }] },
});
const GROUP = { "@odata.type": "#microsoft.graph.groupMembers", groupId: "g" };

describe("what setting a rule changes", () => {
  it.each<[string, RoleRule, RoleRule, string]>([
    [
      "a length",
      { id: "Expiration_EndUser_Assignment", isExpirationRequired: true, maximumDuration: "PT8H" },
      { id: "Expiration_EndUser_Assignment", isExpirationRequired: true, maximumDuration: "PT2H" },
      "an end after at most PT8H becomes an end after at most PT2H",
    ],
    [
      "an end that is not needed any more",
      { id: "Expiration_Admin_Assignment", isExpirationRequired: true, maximumDuration: "P15D" },
      { id: "Expiration_Admin_Assignment", isExpirationRequired: false, maximumDuration: "P15D" },
      "an end after at most P15D becomes no end is needed",
    ],
    [
      "what is asked for",
      { id: "Enablement_EndUser_Assignment", enabledRules: ["MultiFactorAuthentication"] },
      { id: "Enablement_EndUser_Assignment", enabledRules: [] },
      "MultiFactorAuthentication becomes nothing is needed",
    ],
    [
      "a context",
      { id: "AuthenticationContext_EndUser_Assignment", isEnabled: true, claimValue: "c1" },
      { id: "AuthenticationContext_EndUser_Assignment", isEnabled: false, claimValue: "" },
      "the authentication context c1 becomes no authentication context",
    ],
    [
      "a door",
      approval(true, [GROUP]),
      approval(false, [GROUP]),
      "approval by the group g becomes no approval (named: the group g)",
    ],
    [
      "who approves",
      approval(true, [GROUP]),
      approval(true, [GROUP, { userId: "u" }, {}]),
      "approval by the group g becomes approval by the group g, u, others",
    ],
    [
      "who approves when nobody did",
      approval(true, [GROUP]),
      approval(true, [GROUP], { escalationApprovers: [{ userId: "u" }] }),
      "approval by the group g becomes approval by the group g, u",
    ],
    [
      "a detail",
      approval(true, [GROUP], { isApproverJustificationRequired: true }),
      approval(true, [GROUP], { isApproverJustificationRequired: false }),
      "setting / approvalStages / 0 / isApproverJustificationRequired true becomes false",
    ],
    [
      "a recipient",
      {
        id: "Notification_Admin_EndUser_Assignment",
        notificationRecipients: ["soc@contoso.example"],
        target: { a: 1 },
      },
      { id: "Notification_Admin_EndUser_Assignment", notificationRecipients: [], target: { a: 2 } },
      "notificationRecipients / 0 soc@contoso.example becomes nothing",
    ],
  ])("is said in words: %s", (_what, before, wanted, text) => {
    expect(ruleChangeText(before, wanted)).toBe(text);
  });
});
