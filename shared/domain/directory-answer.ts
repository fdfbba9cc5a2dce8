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
const IN_FORCE = ["provisioned", "revoked"];

/**
 * Classifies the answer to `adminAssign` or `adminRemove`. Unknown answers are never success and never a reason to
 * send the call again blindly. Source: Graph's documented errors and statuses.
 * @see https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignmentschedulerequests
 */
export function classifyDirectoryAnswer(answer: DirectoryAnswer): AnswerClass {
  if (answer.kind === "unknown") return "look";
  if (answer.kind === "accepted") return classifyStatus(answer.status.toLowerCase());
  if (LOOK.includes(answer.code)) return "look";
  if (answer.code === "RoleAssignmentDoesNotExist") return "gone";
  if (answer.code === "ActiveDurationTooShort" || LAGGING.includes(answer.code)) return "later";
  if (MISCONFIGURED.includes(answer.code) || answer.httpStatus === 401 || answer.httpStatus === 403)
    return "misconfigured";
  if (answer.httpStatus === 429) return "later";
  return answer.httpStatus >= 500 ? "look" : "failed";
}

function classifyStatus(status: string): AnswerClass {
  if (IN_FORCE.includes(status)) return "verify";
  if (status === "pendingapproval" || status === "pendingadmindecision") return "misconfigured";
  if (status.startsWith("failed") || ["denied", "admindenied", "timedout", "canceled", "invalid"].includes(status))
    return "failed";
  return "verify";
}
