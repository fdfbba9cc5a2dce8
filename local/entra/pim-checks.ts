import { ADMINISTRATIVE_UNIT, ROLES } from "../seed.ts";
import { pimError, policyRulesFailed } from "./errors.ts";
import {
  isInForce,
  type isLive,
  isOpen,
  sameTriple,
  type Actor,
  type Entity,
  type RoleRow,
  type RowKind,
} from "./facts.ts";
import { PIM_KINDS } from "./pim-kinds.ts";
import { failedRules } from "./policy-rules.ts";
import type { Order } from "./request-body.ts";
import { FIVE_MINUTES_MS, type Window } from "./request-window.ts";
import { roleName } from "./role-entities.ts";
import type { DirectoryState } from "./state.ts";

/** One schedule request being judged and carried out. */
export interface Case {
  readonly state: DirectoryState;
  readonly kind: RowKind;
  readonly order: Order;
  readonly by: Actor;
  readonly now: number;
}

/** Roles that can be held over an administrative unit or a single object. */
const SCOPED_ROLES: readonly string[] = [
  ROLES.userAdministrator[0],
  ROLES.helpdeskAdministrator[0],
  ROLES.privilegedAuthenticationAdministrator[0],
];

/** The role, the principal and the scope exist and fit each other. */
export function checkSubject({ state, kind, order }: Case): void {
  if (roleName(order.roleDefinitionId) === undefined) throw pimError("RoleNotFound");
  const group = state.groups.get(order.principalId);
  const app = state.apps.get(order.principalId);
  if (!state.users.get(order.principalId) && !group && !app) throw pimError("SubjectNotFound");
  if (group && group.isAssignableToRole !== true)
    throw pimError("Request_BadRequest", "The group is not assignable to a role.");
  if (app && kind === "eligibility")
    throw pimError("Request_BadRequest", "A service principal cannot be eligible for a directory role.");
  if (order.appScopeId || !isScope(state, order)) throw pimError("InvalidScope");
}

function isScope(state: DirectoryState, { directoryScopeId, roleDefinitionId }: Order): boolean {
  if (directoryScopeId === "/") return true;
  if (!SCOPED_ROLES.includes(roleDefinitionId)) return false;
  const objectId = directoryScopeId.slice(1);
  return (
    directoryScopeId === `/administrativeUnits/${ADMINISTRATIVE_UNIT}` ||
    [state.users, state.groups, state.apps].some((objects) => objects.get(objectId) !== undefined)
  );
}

/** The row of exactly this principal, role and scope that `wanted` takes. */
export function directRow({ state, kind, order, now }: Case, wanted: typeof isLive): RoleRow | undefined {
  return [...state.rows.all()].find(
    (row) => row.kind === kind && row.memberType === "Direct" && sameTriple(row, order) && wanted(row, now),
  );
}

export function refuseOpenRequest({ state, kind, order }: Case): void {
  const open = [...state.requests.all()].some(
    (request) => request.kind === kind && sameTriple(request, order) && isOpen(request),
  );
  if (open) throw pimError("PendingRoleAssignmentRequest");
}

/** PIM changes no active row in the first five minutes. */
export function refuseYoung(row: RoleRow, now: number): void {
  if (now - row.startsAt < FIVE_MINUTES_MS) throw pimError("ActiveDurationTooShort");
}

/** Eligibility cannot be changed while the active row is young or permanent. */
export function refuseWhileActive(pim: Case): void {
  const active = directRow({ ...pim, kind: "assignment" }, isInForce);
  if (active && (active.endsAt === null || pim.now - active.startsAt < FIVE_MINUTES_MS))
    throw pimError("ActiveDurationTooShort");
}

/** The settings of the role: those for administrators, for an activation those for the person. */
export function checkRules({ state, kind, order, by }: Case, { startsAt, endsAt }: Window): void {
  const ruleOf = (id: string): Entity => state.ruleOf(order.roleDefinitionId, id);
  const self = order.action === "selfActivate";
  const failed = failedRules(ruleOf, self ? "EndUser_Assignment" : PIM_KINDS[kind].level, {
    durationMs: endsAt === null ? null : endsAt - startsAt,
    justification: order.justification ?? null,
    ticketNumber: order.ticketInfo?.ticketNumber ?? null,
    ticketSystem: order.ticketInfo?.ticketSystem ?? null,
    multiFactor: by.kind === "user",
  });
  if (failed.length > 0) throw policyRulesFailed(failed);
}
