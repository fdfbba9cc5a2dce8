import { GraphError } from "@microsoft/microsoft-graph-client";
import type { z } from "zod";
import {
  graphScheduleRequest,
  type graphAssignmentInstance,
  type graphEligibilityInstance,
} from "../../contracts/graph.ts";
import type { ActiveAssignment, Assignment, DirectoryAnswer, Eligibility } from "../../domain/directory.ts";
import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../domain/ids.ts";
import { parseInstant, type Instant } from "../../domain/time.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import { retryAfterOf, type Graph } from "./graph-client.ts";

export const DIRECTORY = "/roleManagement/directory";

export const tripleOf = ({ principalId, roleDefinitionId, directoryScopeId }: Assignment): Assignment => ({
  principalId,
  roleDefinitionId,
  directoryScopeId,
});

/** Only checked ids get here, so nothing of a filter can be injected. */
export const tripleFilter = ({ principalId, roleDefinitionId, directoryScopeId }: Assignment): string =>
  encodeURIComponent(
    `principalId eq '${principalId}' and roleDefinitionId eq '${roleDefinitionId}' and directoryScopeId eq '${directoryScopeId}'`,
  );

export const instantOf = (text: string | null | undefined): Instant | undefined =>
  text ? parseInstant(text) : undefined;

const assignmentOf = (row: {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
}): Assignment => ({
  principalId: row.principalId as PrincipalId,
  roleDefinitionId: row.roleDefinitionId as RoleDefinitionId,
  directoryScopeId: row.directoryScopeId as DirectoryScopeId,
});

export const activeOf = (row: z.output<typeof graphAssignmentInstance>): ActiveAssignment => ({
  ...assignmentOf(row),
  scheduleId: row.roleAssignmentScheduleId,
  assignmentType: row.assignmentType ?? "",
  memberType: row.memberType ?? "",
  startsAt: instantOf(row.startDateTime),
  endsAt: instantOf(row.endDateTime),
});

export const eligibilityOf = (row: z.output<typeof graphEligibilityInstance>): Eligibility => ({
  ...assignmentOf(row),
  memberType: row.memberType ?? "",
  startsAt: instantOf(row.startDateTime),
  endsAt: instantOf(row.endDateTime),
});

/** Sends a schedule request once and says what came of it; only a clear answer is an answer. */
export function write(
  graph: Graph,
  collection: string,
  correlationId: string,
  body: unknown,
): Promise<DirectoryAnswer> {
  return answered(correlationId, async () => {
    const stored = graphScheduleRequest.safeParse(await graph.post(`${DIRECTORY}/${collection}`, body, correlationId));
    if (!stored.success) return { kind: "unknown", detail: "an answer in an unknown form", retryAfterMs: undefined };
    return {
      kind: "accepted",
      requestId: stored.data.id,
      status: stored.data.status,
      scheduleId: stored.data.targetScheduleId ?? undefined,
      correlationId,
    };
  });
}

/** Sends a change of an object once; Graph answers 204, or 200 with the object. */
export function patch(graph: Graph, path: string, correlationId: string, body: unknown): Promise<DirectoryAnswer> {
  return answered(correlationId, async () => {
    await graph.patch(path, body, correlationId);
    return { kind: "accepted", requestId: path, status: "Provisioned", scheduleId: undefined, correlationId };
  });
}

async function answered(correlationId: string, send: () => Promise<DirectoryAnswer>): Promise<DirectoryAnswer> {
  try {
    return await send();
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
