import type { Entity } from "./facts.ts";

export interface PolicyRule extends Entity {
  readonly id: string;
}

const TYPE = "#microsoft.graph.unifiedRoleManagementPolicy";

const rule = (type: string, id: string, settings: Entity): PolicyRule => ({
  "@odata.type": `${TYPE}${type}Rule`,
  id,
  ...settings,
  target: {
    "@odata.type": "microsoft.graph.unifiedRoleManagementPolicyRuleTarget",
    caller: id.includes("EndUser") ? "EndUser" : "Admin",
    operations: ["all"],
    level: id.endsWith("Eligibility") ? "Eligibility" : "Assignment",
    inheritableSettings: [],
    enforcedSettings: [],
  },
});

const notification = (recipientType: string, level: string): PolicyRule =>
  rule("Notification", `Notification_${recipientType}_${level}`, {
    notificationType: "Email",
    recipientType,
    notificationLevel: "All",
    isDefaultRecipientsEnabled: true,
    notificationRecipients: [],
  });

/** The 17 rules of a role as a fresh tenant has them. */
export const INITIAL_RULES: readonly PolicyRule[] = [
  rule("Expiration", "Expiration_Admin_Eligibility", { isExpirationRequired: false, maximumDuration: "P365D" }),
  rule("Enablement", "Enablement_Admin_Eligibility", { enabledRules: [] }),
  ...["Admin", "Requestor", "Approver"].map((recipient) => notification(recipient, "Admin_Eligibility")),
  rule("Expiration", "Expiration_Admin_Assignment", { isExpirationRequired: false, maximumDuration: "P180D" }),
  rule("Enablement", "Enablement_Admin_Assignment", { enabledRules: ["Justification"] }),
  ...["Admin", "Requestor", "Approver"].map((recipient) => notification(recipient, "Admin_Assignment")),
  rule("Expiration", "Expiration_EndUser_Assignment", { isExpirationRequired: true, maximumDuration: "PT8H" }),
  rule("Enablement", "Enablement_EndUser_Assignment", { enabledRules: ["MultiFactorAuthentication", "Justification"] }),
  rule("Approval", "Approval_EndUser_Assignment", {
    setting: {
      isApprovalRequired: false,
      isApprovalRequiredForExtension: false,
      isRequestorJustificationRequired: true,
      approvalMode: "SingleStage",
      approvalStages: [
        {
          approvalStageTimeOutInDays: 1,
          isApproverJustificationRequired: true,
          escalationTimeInMinutes: 0,
          isEscalationEnabled: false,
          primaryApprovers: [],
          escalationApprovers: [],
        },
      ],
    },
  }),
  rule("AuthenticationContext", "AuthenticationContext_EndUser_Assignment", { isEnabled: false, claimValue: "" }),
  ...["Admin", "Requestor", "Approver"].map((recipient) => notification(recipient, "EndUser_Assignment")),
];

/** What the rules judge. */
interface Judged {
  /** `null`: without an end. */
  readonly durationMs: number | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  /** The caller's token can prove a second factor: never that of an app. */
  readonly multiFactor: boolean;
}

/** Names of the rules that a request fails. `ruleOf` reads a rule of the role by its id. */
export function failedRules(
  ruleOf: (id: string) => Entity,
  level: "Admin_Assignment" | "Admin_Eligibility" | "EndUser_Assignment",
  judged: Judged,
): string[] {
  const { isExpirationRequired, maximumDuration } = ruleOf(`Expiration_${level}`);
  const maximumMs = parseDuration(String(maximumDuration)) ?? Infinity;
  const enabled = ruleOf(`Enablement_${level}`)["enabledRules"];
  const isEnabled = (name: string): boolean => Array.isArray(enabled) && enabled.includes(name);
  const failed = [];
  if (isExpirationRequired === true && (judged.durationMs ?? Infinity) > maximumMs) failed.push("ExpirationRule");
  if (isEnabled("Justification") && !judged.justification) failed.push("JustificationRule");
  if (isEnabled("Ticketing") && !(judged.ticketNumber && judged.ticketSystem)) failed.push("TicketingRule");
  if (isEnabled("MultiFactorAuthentication") && !judged.multiFactor) failed.push("MfaRule");
  return failed;
}

const DURATION = /^P(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of an ISO 8601 duration in days and times, the kind that Graph takes. */
export function parseDuration(text: string): number | undefined {
  const match = text.length > 1 && !text.endsWith("T") ? DURATION.exec(text)?.groups : undefined;
  if (!match) return undefined;
  const { days = 0, hours = 0, minutes = 0, seconds = 0 } = match;
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}
