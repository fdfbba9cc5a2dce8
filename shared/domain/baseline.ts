import type { RoleDefinitionId } from "./ids.ts";
import type { Governance, RolePolicy } from "./policy.ts";
import { DAY_MS, formatDuration, parseDuration } from "./time.ts";

/** One rule of a role's settings in PIM, as the directory shows it. */
export interface RoleRule {
  readonly id: string;
  readonly [name: string]: unknown;
}

/** The settings of one role: the id of its policy differs from tenant to tenant. */
export interface RoleSettings {
  readonly policyId: string;
  readonly rules: readonly RoleRule[];
}

/** A rule that says something else than the policy asks for, in words. */
export interface BaselineDifference {
  readonly roleDefinitionId: RoleDefinitionId;
  readonly role: string;
  readonly rule: string;
  readonly wanted: string;
  readonly found: string;
}

type Checked = Pick<BaselineDifference, "rule" | "wanted" | "found">;

/**
 * What the settings of a brokered role must be, compared by meaning: `PT60M` is `PT1H`, order and letter case of lists do
 * not matter. The native door is closed when activating in PIM itself needs the approval of the break-glass group. Pure.
 * @see https://learn.microsoft.com/graph/identity-governance-pim-rules-overview
 */
export function baselineDifferences(
  role: RolePolicy,
  rules: readonly RoleRule[],
  governance: Governance,
): readonly BaselineDifference[] {
  const rule = (id: string): RoleRule => rules.find((one) => one.id === id) ?? { id };
  return [
    ...expiration(rule("Expiration_EndUser_Assignment"), role.maximumDurationMs),
    ...enablement(rule("Enablement_EndUser_Assignment"), ["Justification", "Ticketing"], ["MultiFactorAuthentication"]),
    ...context(rule("AuthenticationContext_EndUser_Assignment"), role.stepUp.authenticationContext),
    ...nativeDoor(rule("Approval_EndUser_Assignment"), governance.nativeDoorGroup),
    ...expiration(rule("Expiration_Admin_Assignment"), Infinity),
    ...enablement(rule("Enablement_Admin_Assignment"), ["Justification"], ["MultiFactorAuthentication"]),
    ...expiration(rule("Expiration_Admin_Eligibility"), governance.longestEligibilityMs),
    ...enablement(rule("Enablement_Admin_Eligibility"), [], ["MultiFactorAuthentication"]),
    ...["Admin_Eligibility", "Admin_Assignment", "EndUser_Assignment"].flatMap((level) =>
      notification(rule(`Notification_Admin_${level}`)),
    ),
  ].map((checked) => ({ roleDefinitionId: role.roleDefinitionId, role: role.name, ...checked }));
}

function expiration(rule: RoleRule, longestMs: number): readonly Checked[] {
  const ms = typeof rule["maximumDuration"] === "string" ? parseDuration(rule["maximumDuration"]) : undefined;
  const required = rule["isExpirationRequired"] === true;
  if (required && ms !== undefined && ms <= longestMs) return [];
  const wanted = longestMs === Infinity ? "an end" : `an end after at most ${formatDuration(longestMs)}`;
  const found = required ? `an end after at most ${String(rule["maximumDuration"])}` : "no end is needed";
  return [{ rule: rule.id, wanted, found }];
}

function enablement(rule: RoleRule, needs: readonly string[], without: readonly string[]): readonly Checked[] {
  const enabled = Array.isArray(rule["enabledRules"]) ? rule["enabledRules"].map((one) => String(one)) : [];
  const has = (name: string): boolean => enabled.some((one) => one.toLowerCase() === name.toLowerCase());
  const missing = needs.filter((name) => !has(name));
  const surplus = without.filter(has);
  if (missing.length === 0 && surplus.length === 0) return [];
  const wanted = [...needs.map((name) => `with ${name}`), ...surplus.map((name) => `without ${name}`)].join(", ");
  return [{ rule: rule.id, wanted, found: enabled.length === 0 ? "nothing" : enabled.join(", ") }];
}

function context(rule: RoleRule, wanted: string): readonly Checked[] {
  const found = rule["isEnabled"] === true ? String(rule["claimValue"]) : "none";
  return found === wanted ? [] : [{ rule: rule.id, wanted: `authentication context ${wanted}`, found }];
}

function nativeDoor(rule: RoleRule, group: string | undefined): readonly Checked[] {
  const setting = recordOf(rule["setting"]);
  const stages = Array.isArray(setting["approvalStages"]) ? setting["approvalStages"].map(recordOf) : [];
  const approvers = stages
    .flatMap(({ primaryApprovers, escalationApprovers }) => [primaryApprovers, escalationApprovers])
    .flatMap((some) => (Array.isArray(some) ? some.map(recordOf) : []))
    .map(({ groupId, userId }) => String(groupId ?? userId));
  const required = setting["isApprovalRequired"] === true;
  const isClosed = required && (group === undefined || (approvers.length === 1 && approvers[0] === group));
  if (isClosed) return [];
  const wanted = group === undefined ? "approval" : `approval by the group ${group} alone`;
  return [
    {
      rule: rule.id,
      wanted,
      found: required ? `approval by ${approvers.join(", ") || "nobody named"}` : "no approval",
    },
  ];
}

function notification(rule: RoleRule): readonly Checked[] {
  const isOn = String(rule["notificationLevel"]).toLowerCase() === "all" && rule["isDefaultRecipientsEnabled"] === true;
  return isOn ? [] : [{ rule: rule.id, wanted: "all notifications to the usual recipients", found: "fewer" }];
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** Rules as they must be sent, in an order that PIM takes: MFA goes before the context comes, or they exclude each other. */
export function correctedRules(
  role: RolePolicy,
  rules: readonly RoleRule[],
  governance: Governance,
): readonly { readonly before: RoleRule; readonly wanted: RoleRule }[] {
  const differing = new Set(baselineDifferences(role, rules, governance).map(({ rule }) => rule));
  return rules
    .filter(({ id }) => differing.has(id))
    .flatMap((before) => {
      const wanted = corrected(before, role, governance);
      return wanted ? [{ before, wanted }] : [];
    })
    .toSorted((a, b) => placeOf(a.wanted) - placeOf(b.wanted));
}

const placeOf = ({ id }: RoleRule): number => (id.startsWith("AuthenticationContext") ? 1 : 0);

/** Whether activation by the person needs MFA by this rule, which PIM refuses while an authentication context is on. */
export const asksMfa = ({ id, enabledRules }: RoleRule): boolean =>
  id === "Enablement_EndUser_Assignment" &&
  Array.isArray(enabledRules) &&
  enabledRules.some((name) => String(name).toLowerCase() === "multifactorauthentication");

/** The whole rule, changed in nothing but what the policy asks for; `undefined`: the policy does not say enough. */
function corrected(rule: RoleRule, role: RolePolicy, governance: Governance): RoleRule | undefined {
  switch (rule.id) {
    case "Expiration_EndUser_Assignment":
      return expiring(rule, role.maximumDurationMs, role.maximumDurationMs);
    case "Expiration_Admin_Assignment":
      return expiring(rule, Infinity, SHORTEST_ADMIN_MS);
    case "Expiration_Admin_Eligibility":
      return expiring(rule, governance.longestEligibilityMs, governance.longestEligibilityMs);
    case "Enablement_EndUser_Assignment":
      return enabling(rule, ["Justification", "Ticketing"]);
    case "Enablement_Admin_Assignment":
      return enabling(rule, ["Justification"]);
    case "Enablement_Admin_Eligibility":
      return enabling(rule, []);
    case "AuthenticationContext_EndUser_Assignment":
      return { ...rule, isEnabled: true, claimValue: role.stepUp.authenticationContext };
    case "Approval_EndUser_Assignment":
      return governance.nativeDoorGroup === undefined ? undefined : closedDoor(rule, governance.nativeDoorGroup);
    default:
      return { ...rule, notificationLevel: "All", isDefaultRecipientsEnabled: true };
  }
}

/** PIM offers no less for assignments by administrators. */
const SHORTEST_ADMIN_MS = 15 * DAY_MS;

function expiring(rule: RoleRule, longestMs: number, otherwiseMs: number): RoleRule {
  const ms = typeof rule["maximumDuration"] === "string" ? parseDuration(rule["maximumDuration"]) : undefined;
  const fits = ms !== undefined && ms <= longestMs;
  return {
    ...rule,
    isExpirationRequired: true,
    ...(fits ? {} : { maximumDuration: formatDuration(otherwiseMs) }),
  };
}

function enabling(rule: RoleRule, needs: readonly string[]): RoleRule {
  const enabled = Array.isArray(rule["enabledRules"]) ? rule["enabledRules"].map(String) : [];
  const kept = enabled.filter((name) => name.toLowerCase() !== "multifactorauthentication");
  const missing = needs.filter((name) => !kept.some((one) => one.toLowerCase() === name.toLowerCase()));
  return { ...rule, enabledRules: [...kept, ...missing] };
}

/** Activating in PIM itself needs the approval of this group alone. */
export function closedDoor(rule: RoleRule, group: string): RoleRule {
  const setting = recordOf(rule["setting"]);
  const [stage = {}] = Array.isArray(setting["approvalStages"]) ? setting["approvalStages"].map(recordOf) : [];
  const primaryApprovers = [{ "@odata.type": "#microsoft.graph.groupMembers", groupId: group }];
  return {
    ...rule,
    setting: {
      ...setting,
      isApprovalRequired: true,
      approvalMode: "SingleStage",
      approvalStages: [{ ...STAGE, ...stage, primaryApprovers, isEscalationEnabled: false, escalationApprovers: [] }],
    },
  };
}

/** Anybody who is eligible may activate in PIM itself: the fallback when this system is down. */
export const openedDoor = (rule: RoleRule): RoleRule => ({
  ...rule,
  setting: { ...recordOf(rule["setting"]), isApprovalRequired: false },
});

const STAGE = {
  approvalStageTimeOutInDays: 1,
  isApproverJustificationRequired: true,
  escalationTimeInMinutes: 0,
  isEscalationEnabled: false,
  escalationApprovers: [],
};

/** What a rule means: without its target and types, durations as lengths, lists without order, text in any case. */
function ruleMeaning(value: unknown): unknown {
  if (typeof value === "string") return parseDuration(value) ?? value.toLowerCase();
  if (Array.isArray(value))
    return value.map(ruleMeaning).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "target" && !name.startsWith("@odata"))
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, inner]) => [name, ruleMeaning(inner)]),
  );
}

export const sameRule = (a: RoleRule, b: RoleRule): boolean =>
  JSON.stringify(ruleMeaning(a)) === JSON.stringify(ruleMeaning(b));
