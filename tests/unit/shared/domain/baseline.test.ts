import { describe, expect, it } from "vitest";
import { baselineDifferences, correctedRules, sameRule, type RoleRule } from "../../../../shared/domain/baseline.ts";
import type { PrincipalId } from "../../../../shared/domain/ids.ts";
import type { Governance } from "../../../../shared/domain/policy.ts";
import { DAY_MS } from "../../../../shared/domain/time.ts";
import { aRole } from "../../../support/memory-world.ts";

const GROUP = "60000000-0000-4000-8000-000000000008" as PrincipalId;
const GOVERNANCE: Governance = {
  owners: [],
  approvers: [],
  decideWithinMs: DAY_MS,
  longestEligibilityMs: 365 * DAY_MS,
  ownIdentities: [],
  nativeDoorGroup: GROUP,
  reviews: undefined,
  stopGrantsOnContextGap: false,
  exceptions: [],
};
const approval = (changes: object = {}, approvers: readonly object[] = [{ groupId: GROUP }]): RoleRule => ({
  id: "Approval_EndUser_Assignment",
  setting: { isApprovalRequired: true, approvalStages: [{ primaryApprovers: approvers }], ...changes },
});
const notification = (level: string): RoleRule => ({
  id: `Notification_Admin_${level}`,
  notificationLevel: "all",
  isDefaultRecipientsEnabled: true,
});
const GOOD: readonly RoleRule[] = [
  { id: "Expiration_EndUser_Assignment", isExpirationRequired: true, maximumDuration: "PT240M" },
  { id: "Enablement_EndUser_Assignment", enabledRules: ["ticketing", "Justification"] },
  { id: "AuthenticationContext_EndUser_Assignment", isEnabled: true, claimValue: "c1" },
  approval(),
  { id: "Expiration_Admin_Assignment", isExpirationRequired: true, maximumDuration: "P15D" },
  { id: "Enablement_Admin_Assignment", enabledRules: ["Justification"] },
  { id: "Expiration_Admin_Eligibility", isExpirationRequired: true, maximumDuration: "P365D" },
  { id: "Enablement_Admin_Eligibility", enabledRules: [] },
  ...["Admin_Eligibility", "Admin_Assignment", "EndUser_Assignment"].map(notification),
];
const differing = (changed: RoleRule, governance = GOVERNANCE): readonly string[] =>
  baselineDifferences(
    aRole(),
    GOOD.map((rule) => (rule.id === changed.id ? changed : rule)),
    governance,
  ).map(({ rule }) => rule);

describe("the baseline of a role's settings", () => {
  it("finds nothing where the settings mean what the policy wants, however they are written", () => {
    expect(baselineDifferences(aRole(), GOOD, GOVERNANCE)).toEqual([]);
  });

  it.each<readonly [string, RoleRule]>([
    [
      "an activation longer than the role's maximum",
      { id: "Expiration_EndUser_Assignment", isExpirationRequired: true, maximumDuration: "PT5H" },
    ],
    [
      "an activation without an end",
      { id: "Expiration_EndUser_Assignment", isExpirationRequired: false, maximumDuration: "PT1H" },
    ],
    [
      "a duration that cannot be read",
      { id: "Expiration_EndUser_Assignment", isExpirationRequired: true, maximumDuration: "four" },
    ],
    ["no ticket", { id: "Enablement_EndUser_Assignment", enabledRules: ["Justification"] }],
    [
      "MFA beside the context, which exclude each other",
      {
        id: "Enablement_EndUser_Assignment",
        enabledRules: ["Justification", "Ticketing", "MultiFactorAuthentication"],
      },
    ],
    [
      "no authentication context",
      { id: "AuthenticationContext_EndUser_Assignment", isEnabled: false, claimValue: "c1" },
    ],
    [
      "another authentication context",
      { id: "AuthenticationContext_EndUser_Assignment", isEnabled: true, claimValue: "c2" },
    ],
    ["a native door without approval", approval({ isApprovalRequired: false })],
    ["a native door that somebody else may open", approval({}, [{ groupId: GROUP }, { userId: "somebody" }])],
    ["a native door that nobody is named for", approval({}, [])],
    [
      "a native door that somebody else may open when the first do not answer",
      approval({
        approvalStages: [{ primaryApprovers: [{ groupId: GROUP }], escalationApprovers: [{ userId: "somebody" }] }],
      }),
    ],
    [
      "permanent active assignments",
      { id: "Expiration_Admin_Assignment", isExpirationRequired: false, maximumDuration: "P15D" },
    ],
    [
      "MFA of whoever assigns, which no system can give",
      { id: "Enablement_Admin_Assignment", enabledRules: ["Justification", "MultiFactorAuthentication"] },
    ],
    [
      "eligibilities without an end",
      { id: "Expiration_Admin_Eligibility", isExpirationRequired: false, maximumDuration: "P365D" },
    ],
    [
      "fewer notifications",
      { id: "Notification_Admin_EndUser_Assignment", notificationLevel: "Critical", isDefaultRecipientsEnabled: true },
    ],
    ["a rule that says nothing", { id: "Expiration_Admin_Eligibility" }],
  ])("names %s", (_what, rule) => {
    expect(differing(rule)).toEqual([rule.id]);
  });

  it("takes any approval for a closed door where the policy names no group", () => {
    const open = { ...GOVERNANCE, nativeDoorGroup: undefined };
    expect(differing(approval({}, [{ userId: "somebody" }]), open)).toEqual([]);
    expect(differing(approval({ isApprovalRequired: false }), open)).toEqual(["Approval_EndUser_Assignment"]);
  });

  it("corrects every rule so that nothing differs any more, and changes nothing else", () => {
    const bad: readonly RoleRule[] = [
      { id: "Expiration_EndUser_Assignment", isExpirationRequired: false, maximumDuration: "PT8H", target: "kept" },
      { id: "Enablement_EndUser_Assignment", enabledRules: ["MultiFactorAuthentication", "Justification"] },
      { id: "AuthenticationContext_EndUser_Assignment", isEnabled: false, claimValue: "" },
      approval({
        approvalStages: [{ primaryApprovers: [], isEscalationEnabled: true, escalationApprovers: [{ userId: "x" }] }],
        other: "kept",
      }),
      { id: "Expiration_Admin_Assignment", isExpirationRequired: false, maximumDuration: "P180D" },
      { id: "Enablement_Admin_Assignment", enabledRules: [] },
      { id: "Expiration_Admin_Eligibility", isExpirationRequired: false, maximumDuration: "P30D" },
      { id: "Enablement_Admin_Eligibility", enabledRules: ["MultiFactorAuthentication"] },
      ...GOOD.slice(8),
    ];
    const pairs = correctedRules(aRole(), bad, GOVERNANCE);
    const after = bad.map((rule) => pairs.find(({ wanted }) => wanted.id === rule.id)?.wanted ?? rule);
    expect(baselineDifferences(aRole(), after, GOVERNANCE)).toEqual([]);
    expect(after[0]).toMatchObject({ maximumDuration: "PT4H", target: "kept" });
    expect(after[3]).toMatchObject({ setting: { other: "kept" } });
    expect(after[4]).toMatchObject({ maximumDuration: "P180D" });
    expect(after[6]).toMatchObject({ maximumDuration: "P30D" });
    expect(pairs.at(-1)?.wanted.id).toBe("AuthenticationContext_EndUser_Assignment"); // after MFA was taken out
  });

  it("takes two rules for the same when they mean the same", () => {
    const rule = { id: "r", maximumDuration: "PT60M", enabledRules: ["B", "a"], target: { operations: ["All"] } };
    expect(sameRule(rule, { id: "r", maximumDuration: "PT1H", enabledRules: ["A", "b"], target: null })).toBe(true);
    expect(sameRule(rule, { ...rule, maximumDuration: "PT61M" })).toBe(false);
    expect(sameRule(rule, { ...rule, enabledRules: ["a"] })).toBe(false);
  });
});
