import { describe, expect, it } from "vitest";
import { classifyDirectoryAnswer, rulesIn, type AnswerClass } from "../../../../shared/domain/directory-answer.ts";
import type { DirectoryAnswer } from "../../../../shared/domain/directory.ts";

const accepted = (status: string): DirectoryAnswer => ({
  kind: "accepted",
  requestId: "request",
  status,
  scheduleId: "schedule",
  correlationId: "correlation",
});
const refused = (httpStatus: number, code: string): DirectoryAnswer => ({
  kind: "refused",
  httpStatus,
  code,
  message: "The following policy rules failed: [ExpirationRule]",
  retryAfterMs: undefined,
  correlationId: "correlation",
});
const ACTIONS = ["assign", "remove"] as const;

describe("classifyDirectoryAnswer", () => {
  it.each<[string, AnswerClass, AnswerClass]>([
    ["Provisioned", "verify", "verify"],
    ["Revoked", "failed", "verify"],
    ["Granted", "verify", "verify"],
    ["PendingProvisioning", "verify", "verify"],
    ["PendingScheduleCreation", "verify", "verify"],
    ["ScheduleCreated", "verify", "verify"],
    ["PendingApproval", "misconfigured", "misconfigured"],
    ["PendingAdminDecision", "misconfigured", "misconfigured"],
    ["Failed", "failed", "failed"],
    ["FailedAsResourceIsLocked", "failed", "failed"],
    ["Denied", "failed", "failed"],
    ["AdminDenied", "failed", "failed"],
    ["Canceled", "failed", "failed"],
    ["TimedOut", "failed", "failed"],
    ["Invalid", "failed", "failed"],
    ["something new", "verify", "verify"],
  ])("takes 201 with the status %s for %s of a grant and %s of a removal", (status, ofGrant, ofRemoval) => {
    for (const written of [status, status.toLowerCase(), status.toUpperCase()]) {
      expect(classifyDirectoryAnswer(accepted(written), "assign")).toBe(ofGrant);
      expect(classifyDirectoryAnswer(accepted(written), "remove")).toBe(ofRemoval);
    }
  });

  it.each<[number, string, AnswerClass]>([
    [400, "RoleAssignmentExists", "look"],
    [400, "PendingRoleAssignmentRequest", "look"],
    [400, "RoleAssignmentScheduleRequestExists", "look"],
    [400, "RoleAssignmentRequestPolicyValidationFailed", "failed"],
    [400, "ActiveDurationTooShort", "later"],
    [400, "RoleAssignmentDoesNotExist", "gone"],
    [404, "RoleAssignmentDoesNotExist", "gone"],
    [400, "SubjectNotFound", "later"],
    [404, "SubjectNotFound", "later"],
    [404, "RoleDefinitionNotFound", "later"],
    [403, "PermissionScopeNotGranted", "misconfigured"],
    [403, "AuthorizationFailed", "misconfigured"],
    [403, "Authorization_RequestDenied", "misconfigured"],
    [400, "AadPremiumLicenseRequired", "misconfigured"],
    [401, "InvalidAuthenticationToken", "misconfigured"],
    [403, "", "misconfigured"],
    [429, "TooManyRequests", "later"],
    [408, "", "look"],
    [500, "InternalServerError", "look"],
    [502, "", "look"],
    [503, "ServiceUnavailable", "look"],
    [504, "GatewayTimeout", "look"],
    [500, "SubjectNotFound", "look"],
    [503, "AuthorizationFailed", "look"],
    [400, "BadRequest", "failed"],
    [404, "", "failed"],
    [409, "something new", "failed"],
  ])("takes %i %s for: %s", (httpStatus, code, expected) => {
    for (const action of ACTIONS) expect(classifyDirectoryAnswer(refused(httpStatus, code), action)).toBe(expected);
  });

  it("looks before anything else when there was no answer", () => {
    const unknown: DirectoryAnswer = { kind: "unknown", detail: "no answer", retryAfterMs: 1_000 };
    for (const action of ACTIONS) expect(classifyDirectoryAnswer(unknown, action)).toBe("look");
  });
});

describe("the rules that a refusal names", () => {
  it.each([
    ['The following policy rules failed: ["ExpirationRule","MfaRule"]', ["ExpirationRule", "MfaRule"]],
    ["The following policy rules failed: [JustificationRule]", ["JustificationRule"]],
    ["The following policy rules failed: []", []],
    ["something else about ada@contoso.example and the ExpirationRule", []],
    ["", []],
  ])("are told from its text, and nothing else of it: %s", (message, rules) => {
    expect(rulesIn(message)).toEqual(rules);
  });
});
