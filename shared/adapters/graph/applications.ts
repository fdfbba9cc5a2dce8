import type { z } from "zod";
import { graphApi, graphAppRoleAssignment, graphOwnedObject, graphServicePrincipal } from "../../contracts/graph.ts";
import type { PrincipalId } from "../../domain/ids.ts";
import type { ApplicationPosture, PrivilegedApplication } from "../../domain/posture.ts";
import { tier0Permission } from "../../domain/tier0-permissions.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import { isForbidden, type Graph } from "./graph-client.ts";
import { forEachOf, MOST_EXPANDED, principalOf } from "./principals.ts";
import { readRegistrations } from "./registrations.ts";

/** The same in every tenant. @see https://learn.microsoft.com/graph/permissions-reference */
export const MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000";

type ServicePrincipal = z.output<typeof graphServicePrincipal>;
type TierZeroOf = (assignments: readonly z.output<typeof graphAppRoleAssignment>[]) => readonly string[];

/** Every service principal page by page, then the owners of those that matter. @throws DependencyError */
export async function readApplications(graph: Graph, holders: ReadonlySet<PrincipalId>): Promise<ApplicationPosture> {
  try {
    const tierZeroOf = await readTierZero(graph);
    const found = await servicePrincipalsWith(graph, tierZeroOf, holders);
    const owned = await forEachOf(found, (application) => withOwners(graph, application));
    return {
      kind: "read",
      applications: await withRegistrationOwners(
        graph,
        owned.flatMap((one) => one ?? []),
      ),
    };
  } catch (error) {
    if (isForbidden(error)) return { kind: "notAllowed" };
    throw error;
  }
}

/** Microsoft Graph as the tenant has it. */
export async function readGraphApi(graph: Graph): Promise<z.output<typeof graphApi>> {
  const filter = encodeURIComponent(`appId eq '${MICROSOFT_GRAPH}'`);
  const [api] = await graph.list(`/servicePrincipals?$filter=${filter}&$select=id,appRoles`, graphApi);
  if (!api) throw new DependencyError("Rejected", "Graph does not show its own service principal");
  return api;
}

/** Tells tier-0 permissions from others: by id, and by the name that the tenant's Microsoft Graph gives them. */
async function readTierZero(graph: Graph): Promise<TierZeroOf> {
  const api = await readGraphApi(graph);
  const names = new Map(api.appRoles.map(({ id, value }) => [id.toLowerCase(), value ?? undefined]));
  return (assignments) =>
    assignments
      .filter(({ resourceId }) => resourceId === api.id)
      .flatMap(({ appRoleId }) => tier0Permission(appRoleId.toLowerCase(), names.get(appRoleId.toLowerCase())) ?? []);
}

type Unowned = Omit<PrivilegedApplication, "owners" | "registrationOwners" | "moreOwners"> & {
  readonly clientId: string | undefined;
};
type Owned = Omit<PrivilegedApplication, "registrationOwners"> & Pick<Unowned, "clientId">;

async function servicePrincipalsWith(
  graph: Graph,
  tierZeroOf: TierZeroOf,
  holders: ReadonlySet<PrincipalId>,
): Promise<readonly Unowned[]> {
  const found: Unowned[] = [];
  const select = "id,appId,displayName,accountEnabled";
  await graph.visit(
    `/servicePrincipals?$select=${select}&$expand=appRoleAssignments`,
    graphServicePrincipal,
    async (page) => {
      for (const one of page) {
        const permissions = tierZeroOf(await allAssignments(graph, one));
        const id = one.id as PrincipalId;
        if (permissions.length > 0 || holders.has(id))
          found.push({
            id,
            clientId: one.appId ?? undefined,
            name: one.displayName ?? "",
            enabled: one.accountEnabled === true,
            permissions,
          });
      }
    },
  );
  return found;
}

const allAssignments = async (graph: Graph, { id, appRoleAssignments }: ServicePrincipal) =>
  appRoleAssignments.length < MOST_EXPANDED
    ? appRoleAssignments
    : graph.list(`/servicePrincipals/${id}/appRoleAssignments`, graphAppRoleAssignment);

/** `undefined`: the application was deleted since the list was read. */
async function withOwners(graph: Graph, application: Unowned): Promise<Owned | undefined> {
  const found = await graph.find(`/servicePrincipals/${application.id}?$select=id&$expand=owners`, graphOwnedObject);
  if (!found) return undefined;
  const { owners } = found;
  return { ...application, owners: owners.map(principalOf), moreOwners: owners.length >= MOST_EXPANDED };
}

/** Whoever owns the registration can add a secret to it, which is one of the application. */
async function withRegistrationOwners(
  graph: Graph,
  applications: readonly Owned[],
): Promise<readonly PrivilegedApplication[]> {
  const clientIds = applications.flatMap(({ clientId }) => clientId ?? []);
  const registrations = new Map((await readRegistrations(graph, clientIds)).map((one) => [one.appId, one]));
  return applications.map(({ clientId, moreOwners, ...application }) => {
    const owners = registrations.get(clientId ?? "")?.owners ?? [];
    return {
      ...application,
      registrationOwners: owners.map(principalOf),
      moreOwners: moreOwners || owners.length >= MOST_EXPANDED,
    };
  });
}
