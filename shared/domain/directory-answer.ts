import type { DirectoryAnswer } from "./directory.ts";

/** What to do about the directory's answer to a write. */
export type AnswerClass =
  /** It says that it happened: read it back. */
  | "verify"
  /** It may have happened, or something like it exists: look before anything else. */
  | "look"
  /** Not yet: the same call may work later. */
  | "later"
  /** There is nothing to remove: read the absence back. */
  | "gone"
  /** It will never work as asked. */
  | "failed"
  /** Our own rights, licence or the tenant's settings are wrong: somebody must be told. */
  | "misconfigured";

const LAGGING = ["SubjectNotFound", "RoleNotFound", "RoleDefinitionNotFound"];
const LOOK = ["RoleAssignmentExists", "PendingRoleAssignmentRequest", "RoleAssignmentScheduleRequestExists"];
const MISCONFIGURED = [
  "PermissionScopeNotGranted",
  "AuthorizationFailed",
  "Authorization_RequestDenied",
  "AadPremiumLicenseRequired",
];
const PERMANENT = ["denied", "admindenied", "timedout", "canceled", "invalid"];

/**
 * Classifies the answer to `adminAssign` or `adminRemove`. Unknown answers are never success and never a reason to
 * send the call again blindly. Source: Graph's documented errors and statuses.
 * @see https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignmentschedulerequests
 */
export function classifyDirectoryAnswer(answer: DirectoryAnswer, action: "assign" | "remove"): AnswerClass {
  if (answer.kind === "unknown") return "look";
  if (answer.kind === "accepted") return classifyStatus(answer.status.toLowerCase(), action);
  const { code, httpStatus } = answer;
  if (httpStatus >= 500 || httpStatus === 408 || LOOK.includes(code)) return "look"; // whatever code a broken server names
  if (code === "RoleAssignmentDoesNotExist") return "gone";
  if (code === "ActiveDurationTooShort" || LAGGING.includes(code)) return "later";
  if (MISCONFIGURED.includes(code) || httpStatus === 401 || httpStatus === 403) return "misconfigured";
  return httpStatus === 429 ? "later" : "failed";
}

/** Which rules of a role's settings a refusal names, such as `ExpirationRule`: their names, and nothing else of the text. */
export const rulesIn = (message: string): readonly string[] => {
  const [, named = ""] = /rules failed:\s*\[([^\]]*)\]/i.exec(message) ?? [];
  return named.match(/\b[A-Za-z]{1,40}Rule\b/g) ?? [];
};

function classifyStatus(status: string, action: "assign" | "remove"): AnswerClass {
  if (status === "pendingapproval" || status === "pendingadmindecision") return "misconfigured";
  if (status.startsWith("failed") || PERMANENT.includes(status)) return "failed";
  // How a removal ends well; an assignment that somebody revoked at once is not asked for again.
  return status === "revoked" && action === "assign" ? "failed" : "verify";
}
