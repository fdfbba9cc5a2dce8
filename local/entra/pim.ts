import { randomUUID } from "node:crypto";
import { kindOfWindow, writePimAudit } from "./audit-log.ts";
import { badRequest, pimError, policyRulesFailed } from "./errors.ts";
import {
  isInForce,
  isLive,
  sameTriple,
  type Actor,
  type RoleRow,
  type RowKind,
  type ScheduleRequest,
} from "./facts.ts";
import { dig } from "./odata-filter.ts";
import {
  checkRules,
  checkSubject,
  directRow,
  refuseOpenRequest,
  refuseWhileActive,
  refuseYoung,
  type Case,
} from "./pim-checks.ts";
import type { Order } from "./request-body.ts";
import { windowOf, type Window } from "./request-window.ts";
import type { DirectoryState } from "./state.ts";

/** Judges a schedule request and does what it asks for, or throws the error of PIM that refuses it. */
export function carryOut(state: DirectoryState, kind: RowKind, order: Order, by: Actor): ScheduleRequest {
  const pim: Case = { state, kind, order, by, now: Date.now() };
  checkSubject(pim);
  switch (order.action) {
    case "adminAssign":
    case "adminRenew":
      return assign(pim, { assignmentType: "Assigned", activatedUsing: null });
    case "adminUpdate":
    case "adminExtend":
      return update(pim);
    case "adminRemove":
    case "selfDeactivate":
      return remove(pim);
    case "selfActivate":
      return activate(pim);
    case "selfExtend":
    case "selfRenew":
      throw badRequest(`The action ${order.action} is not simulated.`);
  }
}

function assign(pim: Case, how: Pick<RoleRow, "assignmentType" | "activatedUsing">): ScheduleRequest {
  const { kind, order, now } = pim;
  refuseOpenRequest(pim);
  if (directRow(pim, isLive)) throw pimError("RoleAssignmentExists");
  if (order.action === "adminRenew" && !directRow(pim, () => true)) throw pimError("RoleAssignmentDoesNotExist");
  const window = windowOf(order, now);
  checkRules(pim, window);
  if (order.isValidationOnly) return requestOf(pim, { status: "Granted", window });

  const outcome = plannedOutcome(pim, window);
  const request = requestOf(pim, { ...outcome, window });
  if (outcome.startsAt !== null) {
    const endsAt = window.endsAt === null ? null : window.endsAt + outcome.startsAt - window.startsAt;
    putNewRow(pim, request, { startsAt: outcome.startsAt, endsAt, ...how });
  }
  store(pim, request, window);
  if (kind === "assignment") dropEligibility(pim);
  return request;
}

/** What becomes of an assignment: in force at once, at its start, or what the control API planned for it. */
function plannedOutcome(
  { state, order, now }: Case,
  { startsAt }: Window,
): { status: string; startsAt: number | null } {
  const planned = state.plannedOutcomes.find(({ times }) => times > 0);
  const approval = state.ruleOf(order.roleDefinitionId, "Approval_EndUser_Assignment");
  if (!planned && order.action === "selfActivate" && dig(approval, ["setting", "isApprovalRequired"]) === true)
    return { status: "PendingApproval", startsAt: null };
  if (!planned) return { status: startsAt > now ? "Granted" : "Provisioned", startsAt };
  planned.times--;
  const { status, provisionAfterMs } = planned;
  return { status, startsAt: provisionAfterMs === undefined ? null : now + provisionAfterMs };
}

function activate(pim: Case): ScheduleRequest {
  if (pim.kind !== "assignment") throw pimError("Request_BadRequest");
  const eligibility = [...pim.state.rows.all()].find(
    (row) => row.kind === "eligibility" && sameTriple(row, pim.order) && isInForce(row, pim.now),
  );
  if (!eligibility) throw policyRulesFailed(["EligibilityRule"]);
  return assign(pim, { assignmentType: "Activated", activatedUsing: eligibility.id });
}

function update(pim: Case): ScheduleRequest {
  const { state, kind, order, now } = pim;
  refuseOpenRequest(pim);
  const row = directRow(pim, isInForce);
  if (!row) throw pimError("RoleAssignmentDoesNotExist");
  if (kind === "assignment") refuseYoung(row, now);
  else refuseWhileActive(pim);
  const window = windowOf(order, now);
  checkRules(pim, window);
  if (order.isValidationOnly) return requestOf(pim, { status: "Granted", window });
  const request = { ...requestOf(pim, { status: "Provisioned", window }), targetScheduleId: row.id };
  state.putRow({ ...row, endsAt: window.endsAt, expiryLogged: false });
  store(pim, request, window);
  if (kind === "assignment") dropEligibility(pim);
  return request;
}

function remove(pim: Case): ScheduleRequest {
  const { state, kind, order, by, now } = pim;
  refuseOpenRequest(pim);
  const row = directRow(pim, isLive);
  if (!row || (order.action === "selfDeactivate" && row.assignmentType !== "Activated"))
    throw pimError("RoleAssignmentDoesNotExist");
  if (kind === "assignment" && !row.outsidePim) refuseYoung(row, now);
  const request = { ...requestOf(pim, { status: "Revoked" }), targetScheduleId: row.id };
  if (order.isValidationOnly) return request;
  state.putRow({ ...row, removedAt: now, removedBy: by });
  store(pim, request, row);
  if (kind === "assignment") dropEligibility(pim);
  return request;
}

function requestOf({ kind, order, by, now }: Case, result: { status: string; window?: Window }): ScheduleRequest {
  const { status, window } = result;
  const id = randomUUID();
  return {
    id,
    kind,
    status,
    action: order.action,
    principalId: order.principalId,
    roleDefinitionId: order.roleDefinitionId,
    directoryScopeId: order.directoryScopeId,
    createdAt: now,
    completedAt: ["Provisioned", "Revoked"].includes(status) ? now : null,
    isValidationOnly: order.isValidationOnly ?? false,
    targetScheduleId: id,
    justification: order.justification ?? null,
    ticketInfo: {
      ticketNumber: order.ticketInfo?.ticketNumber ?? null,
      ticketSystem: order.ticketInfo?.ticketSystem ?? null,
    },
    scheduleInfo: window?.scheduleInfo ?? null,
    by,
  };
}

function putNewRow(
  { state, kind, by, now }: Case,
  request: ScheduleRequest,
  row: Pick<RoleRow, "startsAt" | "endsAt" | "assignmentType" | "activatedUsing">,
): void {
  state.putRow({
    id: request.id,
    kind,
    principalId: request.principalId,
    roleDefinitionId: request.roleDefinitionId,
    directoryScopeId: request.directoryScopeId,
    memberType: "Direct",
    createdAt: now,
    removedAt: null,
    removedBy: null,
    expiryLogged: false,
    createdUsing: request.id,
    outsidePim: false,
    by,
    ...row,
  });
}

/** Keeps the request and writes its two rows of the audit log, `requested` and `completed`. */
function store({ state, now, by }: Case, request: ScheduleRequest, window: Pick<RoleRow, "startsAt" | "endsAt">): void {
  state.requests.put(request.id, request);
  const completed = request.completedAt === null ? [] : ["completed"];
  for (const step of ["requested", ...completed])
    writePimAudit(state, {
      name: activityName(request, step, window),
      at: now,
      by,
      triple: request,
      requestId: request.id,
      justification: request.justification,
      ticketInfo: request.ticketInfo,
      window,
      failed: request.status.startsWith("Failed"),
    });
}

function activityName({ action, kind }: ScheduleRequest, step: string, window: Pick<RoleRow, "endsAt">): string {
  const member = kind === "eligibility" ? "eligible member" : "member";
  switch (action) {
    case "selfActivate":
      return `Add member to role ${step} (PIM activation)`;
    case "selfDeactivate":
      return `Remove member from role ${step} (PIM deactivate)`;
    case "adminRemove":
      return `Remove ${member} from role in PIM ${step} ${kindOfWindow(window)}`;
    case "adminUpdate":
    case "adminExtend":
      return `Update ${member} in PIM ${step} ${kindOfWindow(window)}`;
    default:
      return `Add ${member} to role in PIM ${step} ${kindOfWindow(window)}`;
  }
}

/** The pitfall: a change of an active row can take the same principal's eligibility with it. */
function dropEligibility({ state, order, now }: Case): void {
  if (!state.settings.dropEligibilityOn.some((action) => action === order.action)) return;
  for (const row of [...state.rows.all()])
    if (row.kind === "eligibility" && sameTriple(row, order) && isLive(row, now))
      state.putRow({ ...row, removedAt: now, removedBy: { kind: "service", id: "pim" } });
}
