import { z } from "zod";
import { badRequest, GraphError } from "./errors.ts";
import type { Entity } from "./facts.ts";
import { dig } from "./odata-filter.ts";
import { INITIAL_RULES, parseDuration, type PolicyRule } from "./policy-rules.ts";
import type { DirectoryState } from "./state.ts";

const TARGET = z.looseObject({
  caller: z.string(),
  level: z.string(),
  operations: z.array(z.string()),
  inheritableSettings: z.array(z.unknown()),
  enforcedSettings: z.array(z.unknown()),
});
const DURATION = /^P(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?)?$/;
const ENABLEMENTS = ["MultiFactorAuthentication", "Justification", "Ticketing"];
const MFA = "MultiFactorAuthentication";

export const knownRule = (state: DirectoryState, roleDefinitionId: string, ruleId: string): PolicyRule | undefined =>
  INITIAL_RULES.some(({ id }) => id === ruleId) ? state.ruleOf(roleDefinitionId, ruleId) : undefined;

/** The rule as it is after a PATCH, or the refusal: type, id and the whole target must be there. */
export function changedRule(before: PolicyRule, body: unknown): PolicyRule {
  const change = z.looseObject({ "@odata.type": z.string(), id: z.string(), target: TARGET }).safeParse(body);
  if (!change.success) throw badRequest("A rule is sent whole: @odata.type, id and target.");
  const { data } = change;
  if (data.id !== before.id || data["@odata.type"] !== before["@odata.type"])
    throw badRequest("The rule is another one.");
  const unknown = Object.keys(data).find((name) => !(name in before));
  if (unknown !== undefined) throw badRequest(`The property ${unknown} does not exist.`);
  const rule: PolicyRule = { ...before, ...data };
  const duration = rule["maximumDuration"];
  if (duration !== undefined && !(typeof duration === "string" && DURATION.test(duration)))
    throw badRequest("maximumDuration is an ISO 8601 duration in days and times.");
  const enabled = rule["enabledRules"];
  if (enabled !== undefined && !(Array.isArray(enabled) && enabled.every((name) => ENABLEMENTS.includes(String(name)))))
    throw badRequest("enabledRules holds names of rules.");
  if (rule.id.includes("_Admin_") && Array.isArray(enabled) && enabled.includes("Ticketing"))
    throw badRequest("Ticketing cannot be enabled for administrators.");
  refuseValues(rule);
  return rule;
}

const LONGEST_ACTIVATION_MS = 24 * 3_600_000;
const CONTEXT = /^c[1-9]\d?$/;
const FLAGS = ["isExpirationRequired", "isEnabled", "isDefaultRecipientsEnabled"];
const LEVELS = ["all", "critical", "none"];

/** Values that PIM takes for no rule of that kind. */
function refuseValues(rule: PolicyRule): void {
  const { id } = rule;
  const [duration, claim, level] = ["maximumDuration", "claimValue", "notificationLevel"].map((name) => {
    const value = rule[name];
    return value === undefined ? undefined : typeof value === "string" ? value : "";
  });
  if (FLAGS.some((name) => rule[name] !== undefined && typeof rule[name] !== "boolean"))
    throw badRequest("A flag is true or false.");
  if (id === "Expiration_EndUser_Assignment" && (parseDuration(duration ?? "") ?? 0) > LONGEST_ACTIVATION_MS)
    throw badRequest("An activation lasts 24 hours at most.");
  if (rule["isEnabled"] === true && claim !== undefined && !CONTEXT.test(claim))
    throw badRequest("claimValue is c1 to c99.");
  if (level !== undefined && !LEVELS.includes(level.toLowerCase()))
    throw badRequest("notificationLevel is All, Critical or None.");
}

const APPROVERS = z.looseObject({
  setting: z.looseObject({
    isApprovalRequired: z.boolean(),
    approvalStages: z.array(
      z.looseObject({
        primaryApprovers: z.array(z.looseObject({ groupId: z.string().optional(), userId: z.string().optional() })),
      }),
    ),
  }),
});

/** Approvers must exist; who they escalate to is stored empty, whatever was sent. */
export function withApprovers(state: DirectoryState, rule: PolicyRule): PolicyRule {
  if (!rule.id.startsWith("Approval_")) return rule;
  const parsed = APPROVERS.safeParse(rule);
  if (!parsed.success) throw badRequest("An approval rule has a setting with stages and approvers.");
  const { setting } = parsed.data;
  const isThere = ({ groupId, userId }: { groupId?: string | undefined; userId?: string | undefined }): boolean =>
    (groupId === undefined || state.groups.get(groupId) !== undefined) &&
    (userId === undefined || state.users.get(userId) !== undefined);
  if (!setting.approvalStages.every(({ primaryApprovers }) => primaryApprovers.every(isThere)))
    throw new GraphError(400, "SubjectNotFound", "An approver does not exist.", true);
  const approvalStages = setting.approvalStages.map((stage) => ({ ...stage, escalationApprovers: [] }));
  return { ...rule, setting: { ...setting, approvalStages } };
}

/** MFA and an authentication context exclude each other, as measured: MFA is refused while the context is on, not the other way round. */
export function refuseConflict(state: DirectoryState, roleDefinitionId: string, rule: Entity): void {
  if (rule["id"] !== "Enablement_EndUser_Assignment") return;
  const enabled = rule["enabledRules"];
  const context = state.ruleOf(roleDefinitionId, "AuthenticationContext_EndUser_Assignment");
  if (Array.isArray(enabled) && enabled.includes(MFA) && dig(context, ["isEnabled"]) === true)
    throw new GraphError(400, "MfaAndAcrsConflict", "MFA and an authentication context exclude each other.", true);
}
