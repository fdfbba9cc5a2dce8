/** An answer that is no success, as Graph words it. Thrown by operations, turned into the envelope by the server. */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  /** PIM hides some of its errors in code `UnknownError`, the true ones as JSON text in the message. */
  readonly fromPim: boolean;

  constructor(status: number, code: string, message: string, fromPim = false) {
    super(message);
    this.status = status;
    this.code = code;
    this.fromPim = fromPim;
  }
}

export const badRequest = (message: string): GraphError => new GraphError(400, "BadRequest", message);

export const notFound = (id: string): GraphError =>
  new GraphError(
    404,
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

/** PIM refuses with 400, whatever the reason, unless said otherwise. */
export const pimError = (code: PimCode, message: string = PIM_MESSAGES[code], status = 400): GraphError =>
  new GraphError(status, code, message, true);

export const policyRulesFailed = (rules: readonly string[]): GraphError =>
  pimError(
    "RoleAssignmentRequestPolicyValidationFailed",
    `The following policy rules failed: ${JSON.stringify(rules)}`,
  );

const PIM_MESSAGES = {
  ActiveDurationTooShort: "The active duration is too short. The minimum required is 5 minutes.",
  InvalidFilter: "The filter is invalid.",
  InvalidRoleAssignmentRequestSchedule: "The schedule of the role assignment request is invalid.",
  InvalidScope: "The scope is invalid for this role.",
  PendingRoleAssignmentRequest: "There is already a pending role assignment request.",
  PermissionScopeNotGranted: "Authorization failed due to missing permission scope.",
  Request_BadRequest: "The request is not valid.",
  RequestCannotBeCancelled: "The request cannot be cancelled in its current state.",
  ResourceNotFound: "The resource is not found.",
  RoleAssignmentDoesNotExist: "The role assignment does not exist.",
  RoleAssignmentExists: "The role assignment already exists.",
  RoleAssignmentRequestPolicyValidationFailed: "The policy validation of the request failed.",
  RoleNotFound: "The role is not found.",
  SubjectNotFound: "The subject is not found.",
} as const;
type PimCode = keyof typeof PIM_MESSAGES;

/** The body of an error answer. */
export function errorBody(
  error: { readonly code: string; readonly message: string },
  requestId: string,
  clientRequestId: string,
): object {
  const date = new Date().toISOString().slice(0, 19);
  return {
    error: {
      code: error.code,
      message: error.message,
      innerError: { date, "request-id": requestId, "client-request-id": clientRequestId },
    },
  };
}

/** How a wrapped PIM error looks: the client has to unwrap it before it can compare codes. */
export const wrapped = (error: GraphError): { readonly code: string; readonly message: string } => ({
  code: "UnknownError",
  message: JSON.stringify({ errorCode: error.code, message: error.message }),
});
