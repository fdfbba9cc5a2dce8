import { GraphError } from "@microsoft/microsoft-graph-client";
import {
  graphAssignmentInstance,
  graphEligibilityInstance,
  graphGroup,
  graphMember,
  graphScheduleRequest,
  graphUser,
} from "../../contracts/graph.ts";
import type { AssignmentRequest } from "../../domain/directory.ts";
import type { PrincipalId } from "../../domain/ids.ts";
import { formatDuration } from "../../domain/time.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { RoleDirectory } from "../../ports/role-directory.ts";
import type { Graph } from "./graph-client.ts";
import { activeOf, DIRECTORY, eligibilityOf, instantOf, tripleFilter, tripleOf, write } from "./schedules.ts";

/**
 * Microsoft Graph v1.0 as the directory of roles and people.
 * @see https://learn.microsoft.com/graph/api/resources/privilegedidentitymanagementv3-overview
 */
export function createRoleDirectory(graph: Graph): RoleDirectory {
  return {
    async eligibilities(principalId) {
      const filter = encodeURIComponent(`principalId eq '${principalId}'`);
      const rows = await graph.list(
        `${DIRECTORY}/roleEligibilityScheduleInstances?$filter=${filter}`,
        graphEligibilityInstance,
      );
      return rows.map(eligibilityOf);
    },
    async activeAssignments(assignment) {
      const path = `${DIRECTORY}/roleAssignmentScheduleInstances?$filter=${tripleFilter(assignment)}`;
      return (await graph.list(path, graphAssignmentInstance)).map(activeOf);
    },
    async activeAssignmentsOfRoles(roles) {
      const filter = encodeURIComponent(roles.map((role) => `roleDefinitionId eq '${role}'`).join(" or "));
      const path = `${DIRECTORY}/roleAssignmentScheduleInstances?$filter=${filter}`;
      return (await graph.list(path, graphAssignmentInstance)).map(activeOf);
    },
    async assignmentRequests(assignment) {
      const path = `${DIRECTORY}/roleAssignmentScheduleRequests?$filter=${tripleFilter(assignment)}`;
      const rows = await graph.list(path, graphScheduleRequest);
      return rows
        .map((row): AssignmentRequest => ({
          id: row.id,
          status: row.status,
          action: row.action,
          justification: row.justification ?? "",
          targetScheduleId: row.targetScheduleId ?? undefined,
          createdAt: instantOf(row.createdDateTime),
        }))
        .toSorted((a, b) => (b.createdAt ?? "").localeCompare(a.createdAt ?? ""));
    },
    assign: (assignment, grant) =>
      write(graph, "roleAssignmentScheduleRequests", grant.correlationId, {
        action: "adminAssign",
        ...tripleOf(assignment),
        justification: grant.justification,
        ticketInfo: { ticketNumber: grant.ticketNumber, ticketSystem: grant.ticketSystem },
        scheduleInfo: {
          startDateTime: grant.startsAt,
          expiration: { type: "afterDuration", duration: formatDuration(grant.durationMs) },
        },
      }),
    remove: (assignment, removal) =>
      write(graph, "roleAssignmentScheduleRequests", removal.correlationId, {
        action: "adminRemove",
        ...tripleOf(assignment),
        justification: removal.justification,
      }),
    async account(id) {
      const user = await graph.find(`/users/${id}?$select=id,accountEnabled,userType`, graphUser);
      if (!user) return undefined;
      const { accountEnabled, userType } = user;
      return { id, ...(typeof accountEnabled === "boolean" && { enabled: accountEnabled }), userType: userType ?? "" };
    },
    async group(id) {
      const select = "id,isAssignableToRole,membershipRule,groupTypes";
      const [group, members] = await Promise.all([
        graph.find(`/groups/${id}?$select=${select}&$expand=owners`, graphGroup),
        orNone(graph.list(`/groups/${id}/members?$select=id`, graphMember)),
      ]);
      const isUser = (type: string | undefined): boolean =>
        type === undefined || type.toLowerCase() === "#microsoft.graph.user";
      return (
        group && {
          id,
          assignableToRole: group.isAssignableToRole === true,
          dynamic: Boolean(group.membershipRule) || (group.groupTypes ?? []).includes("DynamicMembership"),
          nested: members.some((member) => !isUser(member["@odata.type"])),
          owned: group.owners.length > 0,
          members: members.filter((member) => isUser(member["@odata.type"])).map((member) => member.id as PrincipalId),
        }
      );
    },
    async manager(of) {
      const manager = await graph.find(`/users/${of}/manager?$select=id`, graphMember);
      return manager && (manager.id as PrincipalId);
    },
  };
}

/** The members of a group that is not there. */
async function orNone<T>(list: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list;
  } catch (error) {
    if (error instanceof DependencyError && error.cause instanceof GraphError && error.cause.statusCode === 404)
      return [];
    throw error;
  }
}
