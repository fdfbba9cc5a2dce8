import { randomUUID } from "node:crypto";
import { instantText, type Actor, type RoleRow, type TicketInfo, type Triple, type Entity } from "./facts.ts";
import { roleName } from "./role-entities.ts";
import type { DirectoryState } from "./state.ts";

interface Entry {
  readonly name: string;
  readonly at: number;
  readonly by: Actor;
  readonly triple: Triple;
  readonly requestId?: string | null;
  readonly justification?: string | null;
  readonly ticketInfo?: TicketInfo;
  readonly window?: { readonly startsAt: number; readonly endsAt: number | null };
  readonly failed?: boolean;
}

/** Writes a row of PIM to the audit log. */
export function writePimAudit(state: DirectoryState, entry: Entry): void {
  const { principalId, roleDefinitionId, directoryScopeId } = entry.triple;
  const id = `PIM_${randomUUID()}`;
  const principal = state.users.get(principalId) ?? state.groups.get(principalId) ?? state.apps.get(principalId);
  const target = (type: string, targetId: string, displayName: string | null, userPrincipalName?: string): Entity => ({
    id: targetId,
    displayName,
    type,
    userPrincipalName: userPrincipalName ?? null,
    groupType: null,
    modifiedProperties: [],
  });
  state.audits.put(id, {
    id,
    category: "RoleManagement",
    correlationId: entry.requestId ?? randomUUID(),
    result: entry.failed ? "failure" : "success",
    resultReason: entry.justification ?? "",
    activityDisplayName: entry.name,
    activityDateTime: instantText(entry.at),
    loggedByService: "PIM",
    operationType: entry.name.startsWith("Remove") ? "Unassign" : "Assign",
    initiatedBy: initiatorOf(state, entry.by),
    targetResources: [
      target("Role", roleDefinitionId, roleName(roleDefinitionId) ?? null),
      target(
        state.groups.get(principalId) ? "Group" : "User",
        principalId,
        principal?.displayName ?? null,
        state.users.get(principalId)?.userPrincipalName,
      ),
      target("Directory", directoryScopeId, directoryScopeId === "/" ? "Contoso Bank" : null),
    ],
    additionalDetails: details(entry),
  });
}

function details({ triple, window, justification, ticketInfo, requestId }: Entry): Entity[] {
  const values = {
    RoleDefinitionOriginId: triple.roleDefinitionId,
    RoleDefinitionOriginType: "BuiltInRole",
    TemplateId: triple.roleDefinitionId,
    DirectoryScopeId: triple.directoryScopeId,
    StartTime: window && instantText(window.startsAt),
    ExpirationTime: window && (window.endsAt === null ? "" : instantText(window.endsAt)),
    Justification: justification,
    TicketNumber: ticketInfo?.ticketNumber,
    TicketSystem: ticketInfo?.ticketSystem,
    RequestId: requestId,
  };
  return Object.entries(values).flatMap(([key, value]) => (value == null ? [] : [{ key, value }]));
}

/** `initiatedBy` of an audit row. */
export function initiatorOf(state: DirectoryState, by: Actor): Entity {
  const user = state.users.get(by.id);
  if (by.kind === "user")
    return {
      app: null,
      user: {
        id: by.id,
        displayName: user?.displayName ?? null,
        userPrincipalName: user?.userPrincipalName ?? null,
        ipAddress: null,
      },
    };
  const app = state.apps.get(by.id);
  return {
    user: null,
    app: {
      appId: app?.appId ?? null,
      displayName: app?.displayName ?? "Azure AD PIM",
      servicePrincipalId: app?.id ?? null,
      servicePrincipalName: null,
    },
  };
}

/** `(timebound)` or `(permanent)`, as PIM ends the names of its activities. */
export const kindOfWindow = (row: Pick<RoleRow, "endsAt">): string =>
  row.endsAt === null ? "(permanent)" : "(timebound)";
