import { badRequest, pimError } from "./errors.ts";
import { changedRule, knownRule, refuseConflict, withApprovers } from "./rule-changes.ts";
import { isInForce, isLive, type RoleRow, type RowKind, type Entity } from "./facts.ts";
import { needs, type Directory, type GraphApp, type GraphContext } from "./graph-app.ts";
import { answerList, answerOne, type EntitySet } from "./odata-query.ts";
import { PIM_KINDS } from "./pim-kinds.ts";
import {
  instanceEntity,
  policyAssignmentEntity,
  policyAssignmentSet,
  policyIdOf,
  requestEntity,
  requestSet,
  ROLE_DEFINITIONS,
  roleAssignmentEntity,
  roleAssignmentSet,
  roleDefinitionEntity,
  roleIds,
  roleName,
  scheduleEntity,
  scheduleSet,
} from "./role-entities.ts";

const DIRECTORY_ROLES = "/roleManagement/directory";
const READ_ROLES = needs("RoleManagement.Read.Directory", "RoleManagement.Read.All", "RoleManagement.ReadWrite.Directory"); // prettier-ignore
const READ_POLICIES = needs(
  "RoleManagementPolicy.Read.Directory",
  "RoleManagementPolicy.ReadWrite.Directory",
  "RoleManagement.Read.Directory",
  "RoleManagement.ReadWrite.Directory",
);

/** Role definitions, plain role assignments, role settings. */
export function mountRoles(graph: GraphApp, directory: Directory): void {
  const { state } = directory;
  graph.get(`${DIRECTORY_ROLES}/roleDefinitions`, READ_ROLES, (c) =>
    answerList(c, directory, ROLE_DEFINITIONS, roleIds().map(roleDefinitionEntity)),
  );
  graph.get(`${DIRECTORY_ROLES}/roleDefinitions/:id`, READ_ROLES, (c) => {
    const id = c.req.param("id");
    const role = roleName(id) === undefined ? undefined : roleDefinitionEntity(id);
    return answerOne(c, directory, ROLE_DEFINITIONS, role, id);
  });
  graph.get(`${DIRECTORY_ROLES}/roleAssignments`, READ_ROLES, (c) =>
    answerRows(c, directory, "assignment", roleAssignmentSet(state), roleAssignmentEntity),
  );
  graph.get("/policies/roleManagementPolicyAssignments", READ_POLICIES, (c) => {
    const filter = c.req.query("$filter") ?? "";
    if (!filter.includes("scopeId") || !filter.includes("scopeType"))
      throw badRequest("The filter must name scopeId and scopeType.");
    return answerList(c, directory, policyAssignmentSet(state), roleIds().map(policyAssignmentEntity));
  });
}

const WRITE_POLICIES = needs("RoleManagementPolicy.ReadWrite.Directory", "RoleManagement.ReadWrite.Directory");

/** The only write of role settings: one rule, whole. */
export function mountRuleChanges(graph: GraphApp, { state }: Directory): void {
  graph.patch("/policies/roleManagementPolicies/:policyId/rules/:ruleId", WRITE_POLICIES, async (c) => {
    const roleDefinitionId = roleIds().find((id) => policyIdOf(id) === c.req.param("policyId"));
    const before =
      roleDefinitionId === undefined ? undefined : knownRule(state, roleDefinitionId, c.req.param("ruleId"));
    if (roleDefinitionId === undefined || !before) throw pimError("ResourceNotFound", undefined, 404);
    const rule = withApprovers(state, changedRule(before, await c.req.json()));
    refuseConflict(state, roleDefinitionId, rule);
    state.write(() => state.putRule(roleDefinitionId, rule));
    return c.json(rule);
  });
}

/** What PIM shows of one kind: schedules, their instances in force, the requests behind them. */
export function mountScheduleReads(graph: GraphApp, directory: Directory, kind: RowKind): void {
  const { state } = directory;
  const { segment, permission } = PIM_KINDS[kind];
  const base = `${DIRECTORY_ROLES}/${segment}`;
  const read = needs(
    `${permission}.Read.Directory`,
    `${permission}.ReadWrite.Directory`,
    "RoleManagement.Read.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.ReadWrite.Directory",
  );
  const instances = scheduleSet(state, kind, "ScheduleInstance");
  const schedules = scheduleSet(state, kind, "Schedule");
  const requests = requestSet(state, kind);

  graph.get(`${base}Instances`, read, (c) => answerRows(c, directory, kind, instances, instanceEntity));
  graph.get(`${base}Instances/:id`, read, (c) => answerRow(c, directory, kind, instances, instanceEntity, isInForce));
  graph.get(`${base}s`, read, (c) => {
    const later = [...state.rows.all()].filter((row) => row.kind === kind && row.startsAt > Date.now());
    return answerRows(c, directory, kind, schedules, scheduleEntity, later);
  });
  graph.get(`${base}s/:id`, read, (c) => answerRow(c, directory, kind, schedules, scheduleEntity, isLive));
  graph.get(`${base}Requests`, read, (c) => {
    const ofKind = [...state.requests.all()].filter((request) => request.kind === kind);
    return answerList(c, directory, requests, ofKind.map(requestEntity));
  });
  graph.get(`${base}Requests/:id`, read, (c) => {
    const request = state.requests.get(c.req.param("id"));
    const entity = request?.kind === kind ? requestEntity(request) : undefined;
    return answerOne(c, directory, requests, entity, c.req.param("id"));
  });
}

/** A list of rows in force as the lag lets them be seen, and of `later` ones that are not removed. */
function answerRows(
  c: GraphContext,
  { state, ...rest }: Directory,
  kind: RowKind,
  set: EntitySet,
  entityOf: (row: RoleRow) => Entity,
  later: readonly RoleRow[] = [],
): Response {
  const now = Date.now();
  const isFirstPage = c.req.query("$skiptoken") === undefined; // later ones are cut from what the first one found
  const readable = isFirstPage ? state.readableRows(kind, now) : [];
  const rows = new Map([...new Set([...readable, ...later])].map((row) => [entityOf(row), row] as const));
  return answerList(c, { state, ...rest }, set, rows.keys(), (item) => {
    const row = rows.get(item);
    return row !== undefined && (row.startsAt > now ? isLive(row, now) && later.includes(row) : state.shows(row, now));
  });
}

function answerRow(
  c: GraphContext,
  directory: Directory,
  kind: RowKind,
  set: EntitySet,
  entityOf: (row: RoleRow) => Entity,
  visible: (row: RoleRow, at: number) => boolean,
): Response {
  const id = c.req.param("id") ?? "";
  const seenAt = Date.now() - directory.state.settings.readLagMs;
  const found = [...directory.state.rows.all()].find((row) => row.kind === kind && entityOf(row)["id"] === id);
  return answerOne(c, directory, set, found && visible(found, seenAt) ? entityOf(found) : undefined, id);
}
