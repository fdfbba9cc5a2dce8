import type { RoleDefinitionId } from "./ids.ts";
import type { Governance, RolePolicy } from "./policy.ts";
import { formatDuration, parseDuration } from "./time.ts";

/** One rule of a role's settings in PIM, as the directory shows it. */
export interface RoleRule {
  readonly id: string;
  readonly [name: string]: unknown;
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
    .flatMap(({ primaryApprovers }) => (Array.isArray(primaryApprovers) ? primaryApprovers.map(recordOf) : []))
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
