import * as z from "zod";
import {
  graphAccount,
  graphAssignmentInstance,
  graphDirectoryAudit,
  graphEligibilityInstance,
  graphListedRequest,
  graphMember,
  graphOwnedObject,
  graphRoleDefinition,
  graphRolePolicy,
  graphSignIn,
} from "../../contracts/graph.ts";
import type { RoleRule, RoleSettings } from "../../domain/baseline.ts";
import type { DirectoryActivity } from "../../domain/deeds.ts";
import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../domain/ids.ts";
import type { NativeActivation } from "../../domain/native-activation.ts";
import type { Principal } from "../../domain/posture.ts";
import type { EligibilityRules } from "../../domain/standing-plan.ts";
import { formatDuration, msOf, parseDuration, parseInstant } from "../../domain/time.ts";
import type { EligibilityDirectory, PostureDirectory, SeenSignIn } from "../../ports/posture-directory.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import { readApplications } from "./applications.ts";
import { readDelegatedGrants } from "./delegated-grants.ts";
import { readContextPolicies } from "./context-policies.ts";
import { readGroupEligibilities } from "./group-eligibilities.ts";
import { readLicences } from "./licences.ts";
import type { Graph } from "./graph-client.ts";
import { chunks } from "../../domain/chunks.ts";
import { forEachOf, MOST_EXPANDED, principalOf } from "./principals.ts";
import { IDS_IN_A_FILTER } from "./registrations.ts";
import { activeOf, DIRECTORY, eligibilityOf, instantOf, tripleFilter, patch, tripleOf, write } from "./schedules.ts";

/** One batch each, of which a few run at once. */
const PATHS_AT_ONCE = 20;

/** Rows of the log in one answer: as many as there can be, for answers are what is short. */
const ACTIVITIES_ON_A_PAGE = 999;

/** Microsoft Graph v1.0: who holds and may activate what, over the whole tenant. */
export function createPostureDirectory(graph: Graph): PostureDirectory {
  const roleSettings = async (): Promise<ReadonlyMap<RoleDefinitionId, RoleSettings>> => {
    const filter = encodeURIComponent("scopeId eq '/' and scopeType eq 'DirectoryRole'");
    const policies = await graph.list(
      `/policies/roleManagementPolicyAssignments?$filter=${filter}&$expand=policy($expand=rules)`,
      graphRolePolicy,
    );
    return new Map(
      policies.map(({ roleDefinitionId, policyId, policy }) => [
        roleDefinitionId as RoleDefinitionId,
        { policyId, rules: policy.rules },
      ]),
    );
  };
  return {
    visitActive: (visit) =>
      graph.visit(`${DIRECTORY}/roleAssignmentScheduleInstances?$expand=principal`, graphAssignmentInstance, (rows) =>
        visit(rows.map(activeOf), rows.flatMap(holderOf)),
      ),
    visitEligible: (visit, role) => {
      const filter = role === undefined ? "" : `&$filter=${encodeURIComponent(`roleDefinitionId eq '${role}'`)}`;
      return graph.visit(
        `${DIRECTORY}/roleEligibilityScheduleInstances?$expand=principal${filter}`,
        graphEligibilityInstance,
        (rows) => visit(rows.map(eligibilityOf), rows.flatMap(holderOf)),
      );
    },
    roleDefinitions: async () =>
      (
        await graph.list(
          `${DIRECTORY}/roleDefinitions?$select=id,displayName,isBuiltIn,rolePermissions`,
          graphRoleDefinition,
        )
      ).map(({ id, displayName, isBuiltIn, rolePermissions }) => ({
        id: id as RoleDefinitionId,
        name: displayName,
        builtIn: isBuiltIn === true,
        ...(isBuiltIn !== true && {
          actions: (rolePermissions ?? []).flatMap(({ allowedResourceActions }) => allowedResourceActions ?? []),
        }),
      })),
    users: async (ids) => {
      const paths = chunks([...new Set(ids)], IDS_IN_A_FILTER).map(pathOfUsers);
      const batches = await forEachOf(chunks(paths, PATHS_AT_ONCE), (some) => graph.lists(some, graphAccount));
      return batches.flat(2).map(userOf);
    },
    managers: async (of) => {
      const ids = [...new Set(of)];
      const found = await graph.finds(
        ids.map((id) => `/users/${id}/manager?$select=id`),
        graphMember,
      );
      return new Map(ids.flatMap((id, index) => (found[index] ? [[id, found[index].id as PrincipalId] as const] : [])));
    },
    applications: (holders) => readApplications(graph, holders),
    delegatedGrants: () => readDelegatedGrants(graph),
    holdingGroup: async (id) => {
      const group = await graph.find(`/groups/${id}?$select=id&$expand=owners`, graphOwnedObject);
      if (!group) return undefined;
      const [members, owners] = await Promise.all([
        graph.list(`/groups/${id}/transitiveMembers?$select=id`, graphMember),
        group.owners.length < MOST_EXPANDED ? group.owners : graph.list(`/groups/${id}/owners?$select=id`, graphMember),
      ]);
      const ids = (some: readonly { readonly id: string }[]): readonly PrincipalId[] =>
        some.map((member) => member.id as PrincipalId);
      return { id, members: ids(members), owners: ids(owners) };
    },
    groupEligibilities: (id) => readGroupEligibilities(graph, id),
    licences: () => readLicences(graph),
    contextPolicies: () => readContextPolicies(graph),
    roleSettings,
    eligibilityRules: async () =>
      new Map([...(await roleSettings())].map(([role, { rules }]) => [role, eligibilityRulesOf(rules)])),
    signIns: async (accounts, since) => {
      const found: SeenSignIn[] = [];
      for (const account of accounts) {
        const filter = encodeURIComponent(`userId eq '${account}' and createdDateTime ge ${since}`);
        for (const { id, createdDateTime } of await graph.list(`/auditLogs/signIns?$filter=${filter}`, graphSignIn))
          found.push({ id, account, at: parseInstant(createdDateTime) ?? createdDateTime });
      }
      return found;
    },
    visitActivities: (account, from, to, visit) => {
      const filter = `activityDateTime ge ${from} and activityDateTime le ${to} and initiatedBy/user/id eq '${account}'`;
      return graph.visit(
        `/auditLogs/directoryAudits?$filter=${encodeURIComponent(filter)}&$orderby=activityDateTime&$top=${ACTIVITIES_ON_A_PAGE}`,
        graphDirectoryAudit,
        (rows, more) => visit(rows.flatMap(activityOf), more),
      );
    },
    // Without a filter: Graph documents none for the action or the time of a request.
    nativeActivations: async (since) => {
      const found: NativeActivation[] = [];
      await graph.visit(`${DIRECTORY}/roleAssignmentScheduleRequests`, graphListedRequest, (rows) => {
        found.push(...rows.flatMap(nativeOf).filter(({ at }) => at >= since));
      });
      return found;
    },
  };
}

function activityOf(row: z.output<typeof graphDirectoryAudit>): readonly DirectoryActivity[] {
  const at = instantOf(row.activityDateTime);
  return at === undefined ? [] : [{ name: row.activityDisplayName ?? "an activity without a name", at }];
}

/** How a request reads whose role was in force, also when it was given back since. */
const IN_FORCE = ["granted", "provisioned", "schedulecreated", "revoked"];

function nativeOf(row: z.output<typeof graphListedRequest>): readonly NativeActivation[] {
  const { id, action, status, principalId, roleDefinitionId, directoryScopeId, ticketInfo, scheduleInfo } = row;
  const at = instantOf(row.createdDateTime);
  if (action?.toLowerCase() !== "selfactivate" || row.isValidationOnly === true) return [];
  if (!IN_FORCE.includes(status?.toLowerCase() ?? "") || !principalId || !roleDefinitionId || !at) return [];
  const endsAt = instantOf(scheduleInfo?.expiration?.endDateTime);
  const startsAt = instantOf(scheduleInfo?.startDateTime) ?? at;
  return [
    {
      id,
      principalId: principalId as PrincipalId,
      roleDefinitionId: roleDefinitionId as RoleDefinitionId,
      directoryScopeId: (directoryScopeId ?? "/") as DirectoryScopeId,
      at,
      durationMs:
        parseDuration(scheduleInfo?.expiration?.duration ?? "") ??
        (endsAt === undefined ? undefined : msOf(endsAt) - msOf(startsAt)),
      justification: row.justification ?? "",
      ticket: { system: ticketInfo?.ticketSystem ?? "", number: ticketInfo?.ticketNumber ?? "" },
      approved: Boolean(row.approvalId),
    },
  ];
}

/** What is held, and what may be. */
const LOOKED_AT = ["roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances"].map(
  (collection) => `${DIRECTORY}/${collection}`,
);

/** Microsoft Graph v1.0: changes of who is eligible, and the way back of a conversion. */
export const createEligibilityDirectory = (graph: Graph): EligibilityDirectory => ({
  looks: async (assignments) => {
    const paths = assignments
      .map(tripleFilter)
      .flatMap((filter) => LOOKED_AT.map((rows) => `${rows}?$filter=${filter}`));
    const lists = await graph.lists(paths, z.unknown());
    return assignments.map((_, index) => ({
      active: rowsOf(graphAssignmentInstance, lists[index * 2] ?? []).map(activeOf),
      eligible: rowsOf(graphEligibilityInstance, lists[index * 2 + 1] ?? []).map(eligibilityOf),
    }));
  },
  makeEligible: (assignment, { justification, correlationId, durationMs }) =>
    write(graph, "roleEligibilityScheduleRequests", correlationId, {
      action: "adminAssign",
      ...tripleOf(assignment),
      justification,
      scheduleInfo: {
        expiration:
          durationMs === undefined
            ? { type: "noExpiration" }
            : { type: "afterDuration", duration: formatDuration(durationMs) },
      },
    }),
  extendEligibility: (assignment, { justification, correlationId, until }) =>
    write(graph, "roleEligibilityScheduleRequests", correlationId, {
      action: "adminUpdate",
      ...tripleOf(assignment),
      justification,
      scheduleInfo: { expiration: { type: "afterDateTime", endDateTime: until } },
    }),
  endEligibility: (assignment, { justification, correlationId }) =>
    write(graph, "roleEligibilityScheduleRequests", correlationId, {
      action: "adminRemove",
      ...tripleOf(assignment),
      justification,
    }),
  patchRule: (policyId, rule, correlationId) =>
    patch(graph, `/policies/roleManagementPolicies/${policyId}/rules/${rule.id}`, correlationId, rule),
  assignWithoutEnd: (assignment, { justification, correlationId }) =>
    write(graph, "roleAssignmentScheduleRequests", correlationId, {
      action: "adminAssign",
      ...tripleOf(assignment),
      justification,
      scheduleInfo: { expiration: { type: "noExpiration" } },
    }),
});

function rowsOf<T extends z.ZodType>(schema: T, rows: readonly unknown[]): readonly z.output<T>[] {
  const parsed = z.array(schema).safeParse(rows);
  if (!parsed.success) throw new DependencyError("Rejected", "Graph answered rows in an unknown form");
  return parsed.data;
}

function eligibilityRulesOf(rules: readonly RoleRule[]): EligibilityRules {
  const rule = (id: string): Readonly<Record<string, unknown>> => rules.find((one) => one.id === id) ?? {};
  const { isExpirationRequired, maximumDuration } = rule("Expiration_Admin_Eligibility");
  const enabled = rule("Enablement_Admin_Eligibility")["enabledRules"];
  return {
    longestMs:
      isExpirationRequired === true && typeof maximumDuration === "string" ? parseDuration(maximumDuration) : undefined,
    needsMfa: Array.isArray(enabled) && enabled.includes("MultiFactorAuthentication"),
  };
}

type ExpandedRow = Pick<z.output<typeof graphEligibilityInstance>, "principal">;

const holderOf = ({ principal }: ExpandedRow): readonly Principal[] => (principal ? [principalOf(principal)] : []);

/** Only checked ids get here, so nothing of a filter can be injected. */
function pathOfUsers(ids: readonly PrincipalId[]): string {
  const filter = encodeURIComponent(`id in (${ids.map((id) => `'${id}'`).join(",")})`);
  return `/users?$filter=${filter}&$select=id,displayName,accountEnabled,userType,onPremisesSyncEnabled`;
}

const userOf = (user: z.output<typeof graphAccount>): Principal => ({
  id: user.id as PrincipalId,
  kind: "user",
  name: user.displayName ?? "",
  ...(typeof user.accountEnabled === "boolean" && { enabled: user.accountEnabled }),
  guest: user.userType?.toLowerCase() !== "member",
  synchronised: user.onPremisesSyncEnabled === true,
});
