import { SEED_ACCESS_POLICY } from "./access-policies.ts";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { MICROSOFT_GRAPH } from "../seed.ts";
import type { ControlOperations } from "../service.ts";
import { initiatorOf, kindOfWindow, writePimAudit } from "./audit-log.ts";
import {
  endOf,
  instantText,
  isLive,
  sameTriple,
  type Actor,
  type DirectoryGroup,
  type RoleRow,
  type TicketInfo,
} from "./facts.ts";
import { answerAccessReview } from "./operations-access-reviews.ts";
import type { DirectoryState } from "./state.ts";
import { letTimePass } from "./time-passes.ts";

const Triple = { principalId: z.string(), roleDefinitionId: z.string(), directoryScopeId: z.string().default("/") };
const NewRow = z.strictObject({
  ...Triple,
  /** Without it: permanent. */
  durationMs: z.number().int().positive().optional(),
  memberType: z.enum(["Direct", "Group", "Inherited"]).default("Direct"),
  /** Who did it; without it Dev Patel's admin account, for an activation the principal. */
  byId: z.string().optional(),
});
const NewAssignment = NewRow.extend({
  /** Outside PIM, by a person in the portal of PIM, or by the eligible person. */
  how: z.enum(["outsidePim", "admin", "selfActivated"]).default("outsidePim"),
  /** Of an activation: what the person wrote. */
  justification: z.string().default(""),
  ticketNumber: z.string().default(""),
  ticketSystem: z.string().default(""),
});
const SomeRow = z.strictObject(Triple);
const UserChange = z.looseObject({ id: z.string() });
const ManagerChange = z.strictObject({ id: z.string(), managerId: z.string().nullable() });
const Membership = z.strictObject({ groupId: z.string(), memberId: z.string() });
const GroupChange = z.looseObject({ id: z.string() });
const AppChange = z.looseObject({ id: z.string() });
const NewPermissionGrant = z.strictObject({
  clientId: z.string(),
  scope: z.string(),
  /** Without it: for everybody. */
  principalId: z.string().nullable().default(null),
  resourceId: z.string().default(MICROSOFT_GRAPH.objectId),
});
const RuleChange = z.strictObject({
  roleDefinitionId: z.string(),
  ruleId: z.string(),
  changes: z.record(z.string(), z.unknown()),
});
const Outcome = z.strictObject({
  status: z.string(),
  provisionAfterMs: z.number().int().nonnegative().optional(),
  times: z.number().int().positive().default(1),
});
const Activity = z.strictObject({
  activityDisplayName: z.string(),
  category: z.string().default("DirectoryManagement"),
  byId: z.string(),
  at: z.iso.datetime().optional(),
  targetResources: z.array(z.record(z.string(), z.unknown())).default([]),
  additionalDetails: z.array(z.strictObject({ key: z.string(), value: z.string() })).default([]),
});

const Crowd = z.strictObject({
  kind: z.enum(["eligibility", "assignment"]),
  count: z.number().int().positive().max(200_000),
  roleDefinitionIds: z.array(z.string()).min(1),
});

const SignIn = z.strictObject({ userId: z.string(), at: z.iso.datetime().optional() });

const AccessPolicyChange = z.strictObject({
  id: z.string().optional(),
  changes: z
    .object({ state: z.string(), conditions: z.unknown(), grantControls: z.unknown(), sessionControls: z.unknown() })
    .partial(),
});

const PORTAL_ADMIN = "a0000000-0000-4000-8000-000000000004";

/** Operations of the control API that change or show the tenant; each change is one transaction. */
export function directoryControl(state: DirectoryState): ControlOperations {
  const changing =
    (operation: ControlOperations[string]): ControlOperations[string] =>
    (parameters) =>
      state.write(() => operation(parameters));
  return {
    settings: (parameters) => state.changeSettings(parameters),
    state: () => dump(state),
    grants: () => grants(state),
    nextExpiryAt: () => nextExpiryAt(state),
    nextRequest: (parameters) => void state.plannedOutcomes.push(Outcome.parse(parameters)),
    setUser: changing((parameters) => put(state.users, UserChange.parse(parameters))),
    setManager: changing((parameters) => put(state.users, ManagerChange.parse(parameters))),
    setGroup: changing((parameters) => put(state.groups, GroupChange.parse(parameters))),
    setApp: changing((parameters) => put(state.apps, AppChange.parse(parameters))),
    addPermissionGrant: changing((parameters) => {
      const { principalId, ...rest } = NewPermissionGrant.parse(parameters);
      const consentType = principalId === null ? ("AllPrincipals" as const) : ("Principal" as const);
      const grant = { id: randomUUID(), consentType, principalId, ...rest };
      state.permissionGrants.put(grant.id, grant);
      return grant;
    }),
    addMember: changing((parameters) => changeMembers(state, parameters, (ids, id) => [...new Set([...ids, id])])),
    removeMember: changing((parameters) =>
      changeMembers(state, parameters, (ids, id) => ids.filter((other) => other !== id)),
    ),
    addEligibility: changing((parameters) => addRow(state, NewRow.parse(parameters), "eligibility", "admin")),
    removeEligibility: changing((parameters) => removeRow(state, parameters, "eligibility")),
    addAssignment: changing((parameters) => {
      const { how, justification, ticketNumber, ticketSystem, ...rest } = NewAssignment.parse(parameters);
      const row = addRow(state, rest, "assignment", how);
      if (how === "selfActivated") keepRequest(state, row, { justification, ticketNumber, ticketSystem });
      return row;
    }),
    removeAssignment: changing((parameters) => removeRow(state, parameters, "assignment")),
    setRule: changing((parameters) => {
      const { roleDefinitionId, ruleId, changes } = RuleChange.parse(parameters);
      const rule = { ...state.ruleOf(roleDefinitionId, ruleId), ...changes };
      state.putRule(roleDefinitionId, rule);
      return rule;
    }),
    addCrowd: changing((parameters) => addCrowd(state, Crowd.parse(parameters))),
    setAccessPolicy: changing((parameters) => setAccessPolicy(state, parameters)),
    addSignIn: changing((parameters) => addSignIn(state, parameters)),
    answerReview: changing((parameters) => answerAccessReview(state, parameters)),
    addActivity: changing((parameters) => addActivity(state, parameters)),
  };
}

function put<T extends { readonly id: string }>(
  collection: { get(id: string): T | undefined; put(id: string, document: T): void },
  change: { readonly id: string },
): T {
  const before = collection.get(change.id);
  if (!before) throw new Error(`there is no object ${change.id}`);
  const unknown = Object.keys(change).find((name) => !(name in before));
  if (unknown !== undefined) throw new Error(`there is no property ${unknown}`);
  const after = { ...before, ...change };
  collection.put(change.id, after);
  return after;
}

function changeMembers(
  state: DirectoryState,
  parameters: unknown,
  change: (ids: readonly string[], id: string) => string[],
): DirectoryGroup {
  const { groupId, memberId } = Membership.parse(parameters);
  const group = state.groups.get(groupId);
  if (!group) throw new Error(`there is no group ${groupId}`);
  return put(state.groups, { id: groupId, memberIds: change(group.memberIds, memberId) } as { id: string });
}

function addRow(
  state: DirectoryState,
  { durationMs, byId, ...rest }: z.infer<typeof NewRow>,
  kind: RoleRow["kind"],
  how: z.infer<typeof NewAssignment>["how"],
): RoleRow {
  const now = Date.now();
  const activated = how === "selfActivated";
  const eligibility = [...state.rows.all()].find(
    (row) => row.kind === "eligibility" && sameTriple(row, rest) && isLive(row, now),
  );
  if (activated && !eligibility) throw new Error("nobody can activate a role without an eligibility for it");
  const by: Actor = { kind: "user", id: byId ?? (activated ? rest.principalId : PORTAL_ADMIN) };
  const row: RoleRow = {
    id: randomUUID(),
    kind,
    ...rest,
    assignmentType: activated ? "Activated" : "Assigned",
    createdAt: now,
    startsAt: now,
    endsAt: durationMs === undefined ? null : now + durationMs,
    removedAt: null,
    removedBy: null,
    expiryLogged: false,
    createdUsing: null,
    activatedUsing: activated ? (eligibility?.id ?? null) : null,
    outsidePim: how === "outsidePim",
    by,
  };
  state.putRow(row);
  const names = {
    outsidePim: "Add member to role outside of PIM (permanent)",
    selfActivated: "Add member to role completed (PIM activation)",
    admin: `Add ${kind === "eligibility" ? "eligible member" : "member"} to role in PIM completed ${kindOfWindow(row)}`,
  };
  writePimAudit(state, { name: names[how], at: now, by, triple: row, window: row });
  return row;
}

/** Changes the policy behind the authentication context, or makes another one; its parts are replaced whole. */
function setAccessPolicy(state: DirectoryState, parameters: unknown): object {
  const { id = SEED_ACCESS_POLICY.id, changes } = AccessPolicyChange.parse(parameters);
  const policy = { ...(state.accessPolicies.get(id) ?? SEED_ACCESS_POLICY), ...changes, id };
  state.accessPolicies.put(id, policy);
  return policy;
}

/** So many users more, each with one row, spread over the roles; the audit log has nothing of them. */
function addCrowd(state: DirectoryState, { kind, count, roleDefinitionIds }: z.infer<typeof Crowd>): void {
  const now = Date.now();
  const [pattern] = [...state.users.all()];
  if (!pattern) throw new Error("the directory has no users");
  for (let n = 0; n < count; n += 1) {
    const id = randomUUID();
    state.users.put(id, { ...pattern, id, displayName: `Crowd ${n}`, userPrincipalName: `crowd-${id}`, mail: null });
    state.putRow({
      id: randomUUID(),
      kind,
      principalId: id,
      roleDefinitionId: roleDefinitionIds[n % roleDefinitionIds.length] ?? "",
      directoryScopeId: "/",
      memberType: "Direct",
      assignmentType: "Assigned",
      createdAt: now,
      startsAt: now,
      endsAt: null,
      removedAt: null,
      removedBy: null,
      expiryLogged: false,
      createdUsing: null,
      activatedUsing: null,
      outsidePim: false,
      by: { kind: "user", id: PORTAL_ADMIN },
    });
  }
}

/** The request that a person's activation leaves behind. */
function keepRequest(
  state: DirectoryState,
  row: RoleRow,
  { justification, ...ticketInfo }: TicketInfo & { readonly justification: string },
): void {
  const { id, kind, principalId, roleDefinitionId, directoryScopeId, createdAt, startsAt, endsAt, by } = row;
  const endDateTime = endsAt === null ? null : instantText(endsAt);
  state.requests.put(id, {
    id,
    kind,
    principalId,
    roleDefinitionId,
    directoryScopeId,
    status: "Provisioned",
    action: "selfActivate",
    createdAt,
    completedAt: createdAt,
    isValidationOnly: false,
    targetScheduleId: id,
    justification,
    ticketInfo,
    scheduleInfo: {
      startDateTime: instantText(startsAt),
      recurrence: null,
      expiration: { type: endsAt === null ? "noExpiration" : "afterDateTime", endDateTime, duration: null },
    },
    by,
  });
}

function removeRow(state: DirectoryState, parameters: unknown, kind: RoleRow["kind"]): RoleRow[] {
  const triple = SomeRow.parse(parameters);
  const by: Actor = { kind: "user", id: PORTAL_ADMIN };
  const now = Date.now();
  const removed = [...state.rows.all()]
    .filter((row) => row.kind === kind && sameTriple(row, triple) && isLive(row, now))
    .map((row) => ({ ...row, removedAt: now, removedBy: by }));
  const member = kind === "eligibility" ? "eligible member" : "member";
  for (const row of removed) {
    state.putRow(row);
    const name = `Remove ${member} from role in PIM completed ${kindOfWindow(row)}`;
    writePimAudit(state, { name, at: now, by, triple: row, window: row });
  }
  return removed;
}

/** A row of the sign-in log. */
function addSignIn(state: DirectoryState, parameters: unknown): string {
  const { userId, at } = SignIn.parse(parameters);
  const id = randomUUID();
  const user = state.users.get(userId);
  state.signIns.put(id, {
    id,
    createdDateTime: at ?? new Date().toISOString(),
    userId,
    userDisplayName: user?.displayName ?? null,
    userPrincipalName: user?.userPrincipalName ?? null,
    appDisplayName: "Azure Portal",
    conditionalAccessStatus: "notApplied",
    isInteractive: true,
  });
  return id;
}

/** A row of the audit log that tells what somebody did outside role management. */
function addActivity(state: DirectoryState, parameters: unknown): string {
  const { byId, at, ...activity } = Activity.parse(parameters);
  const id = `Directory_${randomUUID()}`;
  state.audits.put(id, {
    id,
    ...activity,
    correlationId: randomUUID(),
    result: "success",
    resultReason: "",
    activityDateTime: at ?? new Date().toISOString(),
    loggedByService: "Core Directory",
    operationType: "Update",
    initiatedBy: initiatorOf(state, { kind: state.apps.get(byId) ? "app" : "user", id: byId }),
  });
  return id;
}

const dump = (state: DirectoryState): object => ({
  settings: state.settings,
  users: [...state.users.all()],
  groups: [...state.groups.all()],
  apps: [...state.apps.all()],
  rows: [...state.rows.all()],
  requests: [...state.requests.all()],
  audits: [...state.audits.all()],
});

/** Every active row there ever was: who got what from when to when, by whose hand, and how it ended. */
function grants(state: DirectoryState): object[] {
  const now = Date.now();
  letTimePass(state, now);
  return [...state.rows.all()].filter((row) => row.kind === "assignment").map((row) => grantOf(state, row, now));
}

function grantOf(state: DirectoryState, row: RoleRow, now: number): object {
  const request = state.requests.get(row.createdUsing ?? "");
  const isOver = endOf(row) <= now;
  return {
    scheduleId: row.id,
    principalId: row.principalId,
    roleDefinitionId: row.roleDefinitionId,
    directoryScopeId: row.directoryScopeId,
    assignmentType: row.assignmentType,
    memberType: row.memberType,
    outsidePim: row.outsidePim,
    by: row.by,
    startsAt: instantText(row.startsAt),
    endsAt: row.endsAt === null ? null : instantText(row.endsAt),
    endedAt: isOver ? instantText(endOf(row)) : null,
    ended: !isOver ? null : endOf(row) === row.removedAt ? "removed" : "expired",
    removedBy: row.removedBy,
    requestId: row.createdUsing,
    justification: request?.justification ?? null,
    ticketNumber: request?.ticketInfo.ticketNumber ?? null,
  };
}

/** When the next active row ends by itself, if one will. */
function nextExpiryAt(state: DirectoryState): string | null {
  const now = Date.now();
  const ends = [...state.rows.all()].filter((row) => row.kind === "assignment" && isLive(row, now)).map(endOf);
  const next = Math.min(...ends);
  return Number.isFinite(next) ? instantText(next) : null;
}
