import { describe, expect, it } from "vitest";
import { dailyId, GROUPS } from "../../local/seed.ts";
import type { GraphAnswer } from "../support/local-directory.ts";
import { codeOf, role, tenantOfItsOwn, values } from "../support/graph-requests.ts";

type Rule = Readonly<Record<string, unknown>>;

const NOBODY = "f0000000-0000-4000-8000-00000000000f";
const user = (userId: string): Rule => ({ "@odata.type": "#microsoft.graph.singleUser", userId });
const group = (groupId: string): Rule => ({ "@odata.type": "#microsoft.graph.groupMembers", groupId });
const approval = (approver: object): Rule => ({
  setting: {
    isApprovalRequired: true,
    approvalStages: [{ primaryApprovers: [approver], escalationApprovers: [user(dailyId(3))] }],
  },
});

describe("changing the settings of a role", () => {
  const directory = tenantOfItsOwn();

  async function policy(): Promise<{ readonly id: string; readonly rules: readonly Rule[] }> {
    const filter = `scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '${role("globalReader")}'`;
    const path = `/policies/roleManagementPolicyAssignments?$filter=${encodeURIComponent(filter)}&$expand=policy($expand=rules)`;
    const [found] = values(await directory().get(path)) as unknown as [
      { readonly policyId: string; readonly policy: { readonly rules: readonly Rule[] } },
    ];
    return { id: found.policyId, rules: found.policy.rules };
  }

  async function change(id: string, changes: Rule): Promise<GraphAnswer> {
    const { id: policyId, rules } = await policy();
    const whole = { ...rules.find((rule) => rule["id"] === id), ...changes };
    return directory().patch(`/policies/roleManagementPolicies/${policyId}/rules/${id}`, whole, "worker");
  }

  it("takes a whole rule, and shows it then", async () => {
    const id = "Expiration_EndUser_Assignment";
    expect((await change(id, { maximumDuration: "PT4H" })).status).toBe(200);
    expect((await policy()).rules.find((rule) => rule["id"] === id)).toMatchObject({ maximumDuration: "PT4H" });
    expect((await policy()).rules).toHaveLength(17);
  });

  it.each<[string, string, Rule]>([
    ["an activation longer than a day", "Expiration_EndUser_Assignment", { maximumDuration: "PT25H" }],
    ["a duration in months", "Expiration_Admin_Eligibility", { maximumDuration: "P1M" }],
    ["a flag that is none", "Expiration_Admin_Assignment", { isExpirationRequired: "true" }],
    ["a ticket of an administrator", "Enablement_Admin_Assignment", { enabledRules: ["Ticketing"] }],
    ["a rule that it does not know", "Enablement_EndUser_Assignment", { enabledRules: ["Coffee"] }],
    [
      "an authentication context that cannot be",
      "AuthenticationContext_EndUser_Assignment",
      { isEnabled: true, claimValue: "c100" },
    ],
    [
      "notifications of a kind that it does not know",
      "Notification_Admin_EndUser_Assignment",
      { notificationLevel: "Loud" },
    ],
    ["an approver who is not there", "Approval_EndUser_Assignment", approval(user(NOBODY))],
    ["a group of approvers that is not there", "Approval_EndUser_Assignment", approval(group(NOBODY))],
    ["an approval without stages", "Approval_EndUser_Assignment", { setting: { isApprovalRequired: true } }],
    ["a rule without its target", "Expiration_EndUser_Assignment", { target: undefined }],
    ["a property that no rule has", "Expiration_EndUser_Assignment", { longest: "PT4H" }],
  ])("refuses %s, and leaves the rule as it was", async (_what, id, changes) => {
    const before = await policy();
    expect((await change(id, changes)).status).toBe(400);
    expect(await policy()).toEqual(before);
  });

  it("takes approvers who are there, and stores nobody for an escalation", async () => {
    expect((await change("Approval_EndUser_Assignment", approval(group(GROUPS.breakGlassAccounts)))).status).toBe(200);
    expect((await policy()).rules.find((rule) => rule["id"] === "Approval_EndUser_Assignment")).toMatchObject({
      setting: {
        approvalStages: [{ primaryApprovers: [{ groupId: GROUPS.breakGlassAccounts }], escalationApprovers: [] }],
      },
    });
  });

  it("refuses MFA beside an authentication context, and not the other way round", async () => {
    const mfa = { enabledRules: ["MultiFactorAuthentication"] };
    expect((await change("Enablement_EndUser_Assignment", mfa)).status).toBe(200);
    const context = { isEnabled: true, claimValue: "c1" };
    expect((await change("AuthenticationContext_EndUser_Assignment", context)).status).toBe(200);
    expect(codeOf(await change("Enablement_EndUser_Assignment", mfa))).toBe("MfaAndAcrsConflict");
  });
});
