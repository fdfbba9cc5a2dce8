import type { TokenCredential } from "@azure/identity";
import type { z } from "zod";
import type { graphRegistration } from "../../contracts/graph.ts";
import {
  graphApi,
  graphAppRoleAssignment,
  graphFederatedCredential,
  graphNamedGroup,
  graphObject,
  graphOwnedObject,
} from "../../contracts/graph.ts";
import { IdentityTokenClaims } from "../../contracts/token-claims.ts";
import type { Credential } from "../../domain/application-credentials.ts";
import type { PrincipalId } from "../../domain/ids.ts";
import type { Principal } from "../../domain/posture.ts";
import { instant } from "../../domain/time.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { Behind, PrincipalBehind, SelfDirectory } from "../../ports/doctor.ts";
import { MICROSOFT_GRAPH } from "./applications.ts";
import { chunks } from "../../domain/chunks.ts";
import { readGroupEligibilities } from "./group-eligibilities.ts";
import { isForbidden, tokenFor, type Graph } from "./graph-client.ts";
import { forEachOf, MOST_EXPANDED, principalOf } from "./principals.ts";
import { IDS_IN_A_FILTER, inFilter, readRegistrations } from "./registrations.ts";
import { instantOf } from "./schedules.ts";

const TIMEOUT_MS = 10_000;

/** What Microsoft Graph v1.0 says about the identity that asks, and about who is behind an object id. */
export function createSelfDirectory(graph: Graph, graphUrl: string, credential: TokenCredential): SelfDirectory {
  const { origin } = new URL(graphUrl);
  return {
    identity: async () => {
      const claims = IdentityTokenClaims.safeParse(payloadOf(await tokenFor(origin, credential)));
      if (!claims.success) throw new DependencyError("Rejected", "the token for Graph has an unknown form");
      const { oid, appid, azp, tid, roles } = claims.data;
      return {
        principalId: oid,
        clientId: appid ?? azp ?? "",
        tenantId: tid,
        inToken: roles,
        granted: await grantedTo(graph, oid),
      };
    },
    time: () => dateOf(origin),
    registrations: async (clientIds) =>
      forEachOf(await readRegistrations(graph, clientIds), async (registration) => {
        const { appId, displayName, passwordCredentials, owners, web, spa, publicClient } = registration;
        const { enableIdTokenIssuance, enableAccessTokenIssuance } = web?.implicitGrantSettings ?? {};
        return {
          clientId: appId,
          name: displayName ?? appId,
          secrets: passwordCredentials.map(({ hint, endDateTime }) => ({
            hint: hint ?? undefined,
            endsAt: instantOf(endDateTime),
          })),
          credentials: await credentialsOf(graph, registration),
          redirectUris: [web, spa, publicClient].flatMap((one) => one?.redirectUris ?? []),
          implicit: enableIdTokenIssuance === true || enableAccessTokenIssuance === true,
          owners: owners.map(principalOf),
          moreOwners: owners.length >= MOST_EXPANDED,
        };
      }),
    principals: async (ids) => {
      const users = await listed(graph, "users", ids, "");
      const applications = await applicationsBehind(graph, without(ids, users));
      const others = without(ids, [...users, ...applications]);
      const groups = await forEachOf(others, (id) => groupBehind(graph, id));
      return [...users, ...applications, ...groups.filter((group) => group !== undefined)];
    },
  };
}

/** Only read, never believed: the directory decides by the signed token what the identity may. */
function payloadOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** @returns `undefined`: that may not be read */
async function grantedTo(graph: Graph, principalId: PrincipalId): Promise<readonly string[] | undefined> {
  try {
    const [api] = await graph.list(
      `/servicePrincipals?$filter=${encodeURIComponent(`appId eq '${MICROSOFT_GRAPH}'`)}&$select=id,appRoles`,
      graphApi,
    );
    const assignments = await graph.list(
      `/servicePrincipals/${principalId}/appRoleAssignments`,
      graphAppRoleAssignment,
    );
    const names = new Map(api?.appRoles.map(({ id, value }) => [id, value ?? id]));
    return assignments
      .filter(({ resourceId }) => resourceId === api?.id)
      .map(({ appRoleId }) => names.get(appRoleId) ?? appRoleId);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/** Of any answer; asked without a token, so that it costs no right. */
async function dateOf(origin: string): Promise<string> {
  try {
    const answer = await fetch(`${origin}/v1.0/me`, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.body?.cancel();
    const ms = Date.parse(answer.headers.get("date") ?? "");
    if (!Number.isNaN(ms)) return instant(ms);
  } catch (cause) {
    throw new DependencyError("Unavailable", "Graph: no answer", { cause });
  }
  throw new DependencyError("Rejected", "Graph answers without a date");
}

type Keyed = Pick<z.output<typeof graphRegistration>, "passwordCredentials" | "keyCredentials">;

/** Secrets and certificates; a certificate that only signs what others verify signs nobody in. */
const keysOf = ({ passwordCredentials, keyCredentials }: Keyed): readonly Credential[] => [
  ...passwordCredentials.map(({ displayName, hint, endDateTime }) => ({
    kind: "secret" as const,
    name: displayName ?? hint ?? "without a name",
    endsAt: instantOf(endDateTime),
  })),
  ...keyCredentials
    .filter(({ usage }) => usage?.toLowerCase() !== "sign")
    .map(({ displayName, endDateTime }) => ({
      kind: "certificate" as const,
      name: displayName ?? "without a name",
      endsAt: instantOf(endDateTime),
    })),
];

/** How anybody signs in by an app registration. @see https://learn.microsoft.com/graph/api/application-list-federatedidentitycredentials */
async function credentialsOf(
  graph: Graph,
  registration: z.output<typeof graphRegistration>,
): Promise<readonly Credential[]> {
  const path = `/applications/${registration.id}/federatedIdentityCredentials`;
  const federated = await graph.list(path, graphFederatedCredential);
  return [
    ...keysOf(registration),
    ...federated.map(({ name, issuer, subject }) => ({
      kind: "federated" as const,
      name,
      issuer: issuer ?? undefined,
      subject: subject ?? undefined,
    })),
  ];
}

async function listed(
  graph: Graph,
  kind: "users" | "servicePrincipals",
  ids: readonly PrincipalId[],
  expand: string,
): Promise<readonly (PrincipalBehind & { readonly clientId: string | undefined })[]> {
  const select =
    kind === "users"
      ? "id,displayName"
      : "id,appId,displayName,servicePrincipalType,alternativeNames,passwordCredentials,keyCredentials";
  const found = await forEachOf(chunks(ids, IDS_IN_A_FILTER), (some) =>
    graph.list(`/${kind}?$filter=${inFilter("id", some)}&$select=${select}${expand}`, graphOwnedObject),
  );
  return found.flat().map(({ id, appId, displayName, owners, servicePrincipalType, alternativeNames, ...keys }) => ({
    clientId: appId ?? undefined,
    // The certificate of a managed identity is the platform's own.
    credentials: servicePrincipalType === "ManagedIdentity" ? [] : keysOf(keys),
    resourceId: alternativeNames?.find((name) => USER_ASSIGNED.test(name)),
    principal: {
      id: id as PrincipalId,
      kind: kind === "users" ? "user" : "servicePrincipal",
      name: displayName ?? "",
    },
    behind: owners.map((owner) => ({ principal: principalOf(owner), as: "owner", eligible: false })),
    more: owners.length >= MOST_EXPANDED,
    eligibleUnread: false,
    open: false,
  }));
}

const USER_ASSIGNED = /^\/subscriptions\/.+\/userAssignedIdentities\/[^/]+$/i;

/** Whoever owns the application here, or its app registration where that is in this tenant too, can sign in as it. */
async function applicationsBehind(graph: Graph, ids: readonly PrincipalId[]): Promise<readonly PrincipalBehind[]> {
  const found = await listed(graph, "servicePrincipals", ids, "&$expand=owners");
  const clientIds = found.flatMap(({ clientId }) => clientId ?? []);
  const registrations = await readRegistrations(graph, clientIds);
  return forEachOf(found, async ({ clientId, behind, credentials, ...rest }) => {
    const registration = registrations.find(({ appId }) => appId === clientId);
    const owners = (registration?.owners ?? []).map(principalOf);
    const others = owners.filter(({ id }) => !behind.some(({ principal }) => principal.id === id));
    return {
      ...rest,
      credentials: [...credentials, ...(registration ? await credentialsOf(graph, registration) : [])],
      behind: [...behind, ...others.map((principal) => ({ principal, as: "owner" as const, eligible: false }))],
      more: rest.more || owners.length >= MOST_EXPANDED,
    };
  });
}

async function groupBehind(graph: Graph, id: PrincipalId): Promise<PrincipalBehind | undefined> {
  const group = await graph.find(`/groups/${id}?$select=id,displayName,isAssignableToRole,groupTypes`, graphNamedGroup);
  if (!group) return undefined;
  const select = "$select=id,displayName";
  const [members, owners, eligible] = await Promise.all([
    graph.list(`/groups/${id}/transitiveMembers?${select}`, graphObject),
    graph.list(`/groups/${id}/owners?${select}`, graphObject),
    readGroupEligibilities(graph, id),
  ]);
  const behind = (some: readonly z.output<typeof graphObject>[], as: "member" | "owner"): readonly Behind[] =>
    some.map((one) => ({ principal: principalOf(one), as, eligible: false }));
  return {
    principal: { id, kind: "group", name: group.displayName ?? "" } satisfies Principal,
    // A nested group stands for its members, who are in the list themselves.
    behind: [
      ...behind(members, "member").filter(({ principal }) => principal.kind !== "group"),
      ...behind(owners, "owner"),
      ...(eligible ?? []).map((one) => ({ ...one, eligible: true })),
    ],
    more: false,
    eligibleUnread: !eligible,
    open: group.isAssignableToRole !== true || (group.groupTypes ?? []).includes("DynamicMembership"),
    credentials: [],
    resourceId: undefined,
  };
}

const without = (ids: readonly PrincipalId[], found: readonly PrincipalBehind[]): readonly PrincipalId[] => {
  const known = new Set(found.map(({ principal }) => principal.id));
  return ids.filter((id) => !known.has(id));
};
