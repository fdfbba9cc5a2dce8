import type { z } from "zod";
import { graphAccount, graphNamedApplication, graphPermissionGrant } from "../../contracts/graph.ts";
import type { PrincipalId } from "../../domain/ids.ts";
import type { DelegatedPosture, Principal } from "../../domain/posture.ts";
import { tier0Scopes } from "../../domain/tier0-permissions.ts";
import { readGraphApi } from "./applications.ts";
import { isForbidden, type Graph } from "./graph-client.ts";

type Found = Pick<z.output<typeof graphPermissionGrant>, "clientId" | "principalId" | "consentType"> & {
  readonly permissions: readonly string[];
};

/** Every grant of the tenant page by page; kept is what is tier 0. @throws DependencyError */
export async function readDelegatedGrants(graph: Graph): Promise<DelegatedPosture> {
  try {
    const api = await readGraphApi(graph);
    const found: Found[] = [];
    await graph.visit("/oauth2PermissionGrants", graphPermissionGrant, (page) => {
      for (const { clientId, principalId, consentType, resourceId, scope } of page) {
        const permissions = resourceId === api.id ? tier0Scopes(scope ?? "") : [];
        if (permissions.length > 0) found.push({ clientId, principalId, consentType, permissions });
      }
    });
    return { kind: "read", grants: await named(graph, found) };
  } catch (error) {
    if (isForbidden(error)) return { kind: "notAllowed" };
    throw error;
  }
}

async function named(graph: Graph, found: readonly Found[]) {
  const clients = [...new Set(found.map(({ clientId }) => clientId))];
  const people = [...new Set(found.flatMap(({ principalId }) => principalId ?? []))];
  const applications = await graph.finds(
    clients.map((id) => `/servicePrincipals/${id}?$select=id,displayName,accountEnabled`),
    graphNamedApplication,
  );
  const users = await graph.finds(
    people.map((id) => `/users/${id}?$select=id,displayName,accountEnabled,userType`),
    graphAccount,
  );
  const of = ({ consentType, principalId }: Found): Principal | "everybody" => {
    const isForOne = consentType?.toLowerCase() !== "allprincipals" && principalId;
    if (!isForOne) return "everybody";
    const user = users[people.indexOf(principalId)];
    return { id: principalId as PrincipalId, kind: user ? "user" : "unknown", name: user?.displayName ?? "" };
  };
  return found.map((one) => {
    const application = applications[clients.indexOf(one.clientId)];
    return {
      id: one.clientId as PrincipalId,
      name: application?.displayName ?? "",
      enabled: application?.accountEnabled === true,
      permissions: one.permissions,
      of: of(one),
    };
  });
}
