import { GraphError } from "@microsoft/microsoft-graph-client";
import type { z } from "zod";
import {
  graphAssignmentInstance,
  graphEligibilityInstance,
  graphGroup,
  graphMember,
  graphScheduleRequest,
  graphUser,
} from "../../contracts/graph.ts";
import type {
  ActiveAssignment,
  Assignment,
  AssignmentRequest,
  DirectoryAnswer,
  Eligibility,
} from "../../domain/directory.ts";
import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../domain/ids.ts";
import { formatDuration, parseInstant, type Instant } from "../../domain/time.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { RoleDirectory } from "../../ports/role-directory.ts";
import { retryAfterOf, type Graph } from "./graph-client.ts";

const DIRECTORY = "/roleManagement/directory";

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
      return rows.map((row): Eligibility => ({
        ...assignmentOf(row),
        memberType: row.memberType ?? "",
        endsAt: instantOf(row.endDateTime),
      }));
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
      return user && { id, enabled: user.accountEnabled === true, userType: user.userType ?? "" };
    },
    async group(id) {
      const [group, members, owners] = await Promise.all([
        graph.find(`/groups/${id}?$select=id,isAssignableToRole,membershipRule,groupTypes`, graphGroup),
        orNone(graph.list(`/groups/${id}/members?$select=id`, graphMember)),
        orNone(graph.list(`/groups/${id}/owners?$select=id`, graphMember)),
      ]);
      const isUser = (type: string | undefined): boolean =>
        type === undefined || type.toLowerCase() === "#microsoft.graph.user";
      return (
        group && {
          id,
          assignableToRole: group.isAssignableToRole === true,
          dynamic: Boolean(group.membershipRule) || (group.groupTypes ?? []).includes("DynamicMembership"),
          nested: members.some((member) => !isUser(member["@odata.type"])),
          owned: owners.length > 0,
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

const tripleOf = ({ principalId, roleDefinitionId, directoryScopeId }: Assignment): Assignment => ({
  principalId,
  roleDefinitionId,
  directoryScopeId,
});

/** Only checked ids get here, so nothing of a filter can be injected. */
const tripleFilter = ({ principalId, roleDefinitionId, directoryScopeId }: Assignment): string =>
  encodeURIComponent(
    `principalId eq '${principalId}' and roleDefinitionId eq '${roleDefinitionId}' and directoryScopeId eq '${directoryScopeId}'`,
  );

const instantOf = (text: string | null | undefined): Instant | undefined => (text ? parseInstant(text) : undefined);

const assignmentOf = (row: {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
}): Assignment => ({
  principalId: row.principalId as PrincipalId,
  roleDefinitionId: row.roleDefinitionId as RoleDefinitionId,
  directoryScopeId: row.directoryScopeId as DirectoryScopeId,
});

const activeOf = (row: z.output<typeof graphAssignmentInstance>): ActiveAssignment => ({
  ...assignmentOf(row),
  scheduleId: row.roleAssignmentScheduleId,
  assignmentType: row.assignmentType ?? "",
  memberType: row.memberType ?? "",
  startsAt: instantOf(row.startDateTime),
  endsAt: instantOf(row.endDateTime),
});

/** Sends a schedule request once and says what came of it; only a clear answer is an answer. */
async function write(graph: Graph, collection: string, correlationId: string, body: unknown): Promise<DirectoryAnswer> {
  try {
    const stored = graphScheduleRequest.safeParse(await graph.post(`${DIRECTORY}/${collection}`, body, correlationId));
    if (!stored.success) return { kind: "unknown", detail: "an answer in an unknown form", retryAfterMs: undefined };
    return {
      kind: "accepted",
      requestId: stored.data.id,
      status: stored.data.status,
      scheduleId: stored.data.targetScheduleId ?? undefined,
      correlationId,
    };
  } catch (error) {
    const retryAfterMs = retryAfterOf(error);
    if (error instanceof DependencyError && error.code === "Misconfigured")
      return { kind: "refused", httpStatus: 401, code: "NoToken", message: error.message, retryAfterMs, correlationId };
    if (!(error instanceof GraphError) || error.statusCode <= 0)
      return { kind: "unknown", detail: "no answer", retryAfterMs };
    const { code, message } = unwrapped(error);
    return { kind: "refused", httpStatus: error.statusCode, code, message, retryAfterMs, correlationId };
  }
}

/** PIM often hides the real error as JSON text in the message of an `UnknownError`. */
function unwrapped(error: GraphError): { readonly code: string; readonly message: string } {
  const code = error.code ?? "";
  try {
    const inner = JSON.parse(error.message) as { readonly errorCode?: unknown; readonly message?: unknown };
    if (typeof inner.errorCode === "string")
      return { code: inner.errorCode, message: typeof inner.message === "string" ? inner.message : "" };
  } catch {
    // an ordinary message
  }
  return { code, message: error.message };
}
