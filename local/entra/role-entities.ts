import { createHash } from "node:crypto";
import { ROLES, TENANT_ID } from "../seed.ts";
import { DIRECTORY_OBJECTS, directoryObject } from "./directory-objects.ts";
import { instantText, type Actor, type RoleRow, type ScheduleRequest, type Entity } from "./facts.ts";
import type { EntitySet } from "./odata-query.ts";
import { INITIAL_RULES } from "./policy-rules.ts";
import type { DirectoryState } from "./state.ts";

/** Roles, schedules, instances, requests and role settings as Graph shows them, and what may be asked of them. */

const ROLE_NAMES = new Map<string, string>(Object.values(ROLES));

export const roleName = (roleDefinitionId: string): string | undefined => ROLE_NAMES.get(roleDefinitionId);
export const roleIds = (): readonly string[] => [...ROLE_NAMES.keys()];

export const roleDefinitionEntity = (id: string): Entity => ({
  id,
  description: `Can do what a ${roleName(id) ?? ""} does.`,
  displayName: roleName(id),
  isBuiltIn: true,
  isEnabled: true,
  resourceScopes: ["/"],
  rolePermissions: [{ allowedResourceActions: ["microsoft.directory/users/standard/read"], condition: null }],
  templateId: id,
  version: "1",
});

export const ROLE_DEFINITIONS: EntitySet = {
  type: "unifiedRoleDefinition",
  filterable: ["id", "displayName", "isBuiltIn", "templateId"],
  caseSensitive: true, // measured on a tenant: `displayName eq` is
};

/** Ids of instances and role assignments look like this one: nothing a client could compute. */
const opaqueId = (text: string): string => `${createHash("sha256").update(text).digest("base64url")}-1`;

const tripleOf = ({ principalId, roleDefinitionId, directoryScopeId }: RoleRow | ScheduleRequest): Entity => ({
  principalId,
  roleDefinitionId,
  directoryScopeId,
  appScopeId: null,
});

const textOrNull = (at: number | null): string | null => (at === null ? null : instantText(at));

export const roleAssignmentEntity = (row: RoleRow): Entity => ({ id: opaqueId(row.id), ...tripleOf(row) });

export function instanceEntity(row: RoleRow): Entity {
  const window = {
    ...tripleOf(row),
    startDateTime: row.outsidePim ? null : instantText(row.startsAt),
    endDateTime: textOrNull(row.endsAt),
    memberType: row.memberType,
  };
  if (row.kind === "eligibility") return { id: opaqueId(row.id), ...window, roleEligibilityScheduleId: row.id };
  const assignment = { assignmentType: row.assignmentType, roleAssignmentScheduleId: row.id };
  return { id: opaqueId(row.id), ...window, ...assignment, roleAssignmentOriginId: opaqueId(row.id) };
}

export const scheduleEntity = (row: RoleRow): Entity => ({
  id: row.id,
  ...tripleOf(row),
  createdUsing: row.createdUsing,
  createdDateTime: instantText(row.createdAt),
  modifiedDateTime: null,
  status: "Provisioned",
  memberType: row.memberType,
  ...(row.kind === "assignment" ? { assignmentType: row.assignmentType } : {}),
  scheduleInfo: {
    startDateTime: instantText(row.startsAt),
    recurrence: null,
    expiration: {
      type: row.endsAt === null ? "noExpiration" : "afterDateTime",
      endDateTime: textOrNull(row.endsAt),
      duration: null,
    },
  },
});

export const requestEntity = (request: ScheduleRequest): Entity => ({
  id: request.id,
  status: request.status,
  createdDateTime: instantText(request.createdAt),
  completedDateTime: textOrNull(request.completedAt),
  approvalId: null,
  customData: null,
  action: request.action,
  ...tripleOf(request),
  isValidationOnly: request.isValidationOnly,
  targetScheduleId: request.targetScheduleId,
  justification: request.justification,
  createdBy: createdBy(request.by),
  scheduleInfo: request.scheduleInfo,
  ticketInfo: request.ticketInfo,
});

/** PIM puts an app's object id where a user's would stand. */
const createdBy = (by: Actor): Entity => ({
  application: null,
  device: null,
  user: { displayName: null, id: by.id },
});

/** What can be expanded on everything that has a principal and a role. */
const related = (state: DirectoryState): NonNullable<EntitySet["expandable"]> => ({
  principal: {
    of: (item) => directoryObject(state, String(item["principalId"])),
    set: DIRECTORY_OBJECTS,
    selectable: ["id"],
  },
  roleDefinition: { of: (item) => roleDefinitionEntity(String(item["roleDefinitionId"])), set: ROLE_DEFINITIONS },
  directoryScope: {
    of: (item) => directoryObject(state, String(item["directoryScopeId"]).split("/").at(-1) ?? ""),
    set: DIRECTORY_OBJECTS,
  },
});

const TRIPLE = ["principalId", "roleDefinitionId", "directoryScopeId", "appScopeId"];

export const roleAssignmentSet = (state: DirectoryState): EntitySet => ({
  type: "unifiedRoleAssignment",
  filterable: [...TRIPLE, "principal"],
  expandable: related(state),
  maximumExpansions: 1,
  pim: true,
});

export function scheduleSet(
  state: DirectoryState,
  kind: RoleRow["kind"],
  part: "Schedule" | "ScheduleInstance",
): EntitySet {
  const name = kind === "assignment" ? "Assignment" : "Eligibility";
  const eligibility = (item: Entity): RoleRow | undefined => {
    const row = state.rows.get(String(item["roleAssignmentScheduleId"] ?? item["id"]));
    return row?.activatedUsing ? state.rows.get(row.activatedUsing) : undefined;
  };
  const activatedUsing = (item: Entity): Entity | null => {
    const row = eligibility(item);
    return row ? (part === "Schedule" ? scheduleEntity(row) : instanceEntity(row)) : null;
  };
  return {
    type: `unifiedRole${name}${part}`,
    filterable: [...TRIPLE, "assignmentType", "memberType", "principal", `role${name}ScheduleId`, "createdUsing"],
    pim: true,
    expandable: {
      ...related(state),
      ...(kind === "assignment"
        ? { activatedUsing: { of: activatedUsing, set: scheduleSet(state, "eligibility", part) } }
        : {}),
    },
  };
}

/** `status` and `$orderby` are refused, as met on a tenant, though the reference lists `status` as filterable. */
export const requestSet = (state: DirectoryState, kind: RoleRow["kind"]): EntitySet => ({
  type: `unifiedRole${kind === "assignment" ? "Assignment" : "Eligibility"}ScheduleRequest`,
  filterable: [...TRIPLE, "action", "createdBy/user/id", "targetScheduleId"],
  pim: true,
  expandable: {
    ...related(state),
    targetSchedule: {
      of: (item) => {
        const row = state.rows.get(String(item["targetScheduleId"]));
        return row ? scheduleEntity(row) : null;
      },
      set: scheduleSet(state, kind, "Schedule"),
    },
  },
});

export const policyIdOf = (roleDefinitionId: string): string => {
  const digest = createHash("sha256").update(`policy of ${roleDefinitionId}`).digest("hex");
  const guid = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  return `DirectoryRole_${TENANT_ID}_${guid}`;
};

export const policyAssignmentEntity = (roleDefinitionId: string): Entity => ({
  id: `${policyIdOf(roleDefinitionId)}_${roleDefinitionId}`,
  policyId: policyIdOf(roleDefinitionId),
  scopeId: "/",
  scopeType: "DirectoryRole",
  roleDefinitionId,
});

const RULES: EntitySet = { type: "unifiedRoleManagementPolicyRule", filterable: [] };

export const policyAssignmentSet = (state: DirectoryState): EntitySet => {
  const rulesOf = (policy: Entity): Entity[] => {
    const role = roleIds().find((id) => policyIdOf(id) === policy["id"]);
    return role === undefined ? [] : INITIAL_RULES.map(({ id }) => state.ruleOf(role, id));
  };
  const policies: EntitySet = {
    type: "unifiedRoleManagementPolicy",
    filterable: [],
    expandable: { rules: { of: rulesOf, set: RULES }, effectiveRules: { of: rulesOf, set: RULES } },
  };
  return {
    type: "unifiedRoleManagementPolicyAssignment",
    filterable: ["scopeId", "scopeType", "roleDefinitionId", "policyId"],
    pim: true,
    expandable: { policy: { of: policyEntity, set: policies } },
  };
};

const policyEntity = (assignment: Entity): Entity => ({
  id: assignment["policyId"],
  displayName: "DirectoryRole",
  description: "DirectoryRole",
  isOrganizationDefault: false,
  scopeId: "/",
  scopeType: "DirectoryRole",
  lastModifiedDateTime: null,
  lastModifiedBy: null,
});
