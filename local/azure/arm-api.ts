import type { Context } from "hono";
import type { LocalApp } from "../http/server.ts";
import { SUBSCRIPTION_ID, TENANT_ID } from "../seed.ts";
import { allowsAction, BUILT_IN_ROLES, roleDefinition } from "./roles.ts";
import { keyOf, type AzureState, type RoleAssignment } from "./state.ts";

const AUTHORIZATION = "/providers/Microsoft.Authorization/";

/** Object id behind an `Authorization` header; `undefined`: no token for Azure Resource Manager. */
type Authenticate = (header: string | undefined) => string | undefined;

/** Mounts what of Azure Resource Manager is here: reads of one subscription. See README.md. */
export function mountResourceManager(app: LocalApp, state: AzureState, authenticate: Authenticate): void {
  app.get("*", (c) => {
    const caller = authenticate(c.req.header("authorization"));
    if (caller === undefined) return failure(401, "InvalidAuthenticationToken", "The access token is invalid.");
    if (c.req.query("api-version") === undefined)
      return failure(400, "MissingApiVersionParameter", "The api-version query parameter is required.");
    const path = new URL(c.req.url).pathname;
    if (!state.assignments.some(({ principalId }) => principalId === caller))
      return failure(403, "AuthorizationFailed", `The client '${caller}' does not have authorization over '${path}'.`);
    return answer(c, state, path);
  });
  app.post("*", (c) => {
    const caller = authenticate(c.req.header("authorization"));
    if (caller === undefined) return failure(401, "InvalidAuthenticationToken", "The access token is invalid.");
    if (c.req.query("api-version") === undefined)
      return failure(400, "MissingApiVersionParameter", "The api-version query parameter is required.");
    return listSecrets(c, state, caller);
  });
  app.all("*", () => failure(405, "MethodNotAllowed", "Only reads are simulated."));
}

/** What holds secrets is not shown by `GET`; `POST …/list` wants the action of that name. */
const SECRET_CONFIG = /^(.*\/sites\/[^/]+)\/config\/(appsettings|connectionstrings|azurestorageaccounts)(\/list)?$/i;

const allowsOf = ({ roles }: AzureState, { role }: RoleAssignment, action: string): boolean => {
  const given = roles.get(role);
  return given !== undefined && allowsAction(given, action);
};

function listSecrets(c: Context, state: AzureState, caller: string): Response {
  const path = new URL(c.req.url).pathname;
  const [, site, config = "", list] = SECRET_CONFIG.exec(path) ?? [];
  if (site === undefined || list === undefined)
    return failure(405, "MethodNotAllowed", "Only lists of settings are simulated.");
  const action = "Microsoft.Web/sites/config/list/action";
  const may = state.assignments.some(
    (one) => one.principalId === caller && !one.eligible && isAbove(one, site) && allowsOf(state, one, action),
  );
  if (!may)
    return failure(
      403,
      "AuthorizationFailed",
      `The client '${caller}' does not have authorization to perform action '${action}' over scope '${site}'.`,
    );
  if (!state.documents.has(keyOf(site))) return notFound(path);
  const id = `${site}/config/${config}`;
  const document = state.documents.get(keyOf(id));
  return c.json({ properties: {}, ...document, id, name: config, type: "Microsoft.Web/sites/config" });
}

function answer(c: Context, state: AzureState, path: string): Response {
  const [scope, type] = splitAt(path, AUTHORIZATION);
  if (type?.startsWith("roleDefinitions/")) {
    const id = type.slice("roleDefinitions/".length).toLowerCase();
    const [name, role] = [...state.roles].find(([, one]) => one.id === id) ?? [];
    return role ? c.json(roleDefinition(name ?? "", role, !((name ?? "") in BUILT_IN_ROLES))) : notFound(path);
  }
  if (type === "roleAssignments")
    return list(
      c,
      state,
      seenFrom(state, scope, c.req.query("$filter"), false).map((one) => assignmentOf(state, one)),
    );
  if (type === "roleEligibilityScheduleInstances")
    return list(
      c,
      state,
      seenFrom(state, scope, c.req.query("$filter"), true).map((one) => eligibilityOf(state, one)),
    );
  if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/resources$/i.test(path))
    return list(c, state, resourcesIn(state, path.replace(/\/resources$/i, "")));
  if (SECRET_CONFIG.test(path)) return failure(405, "MethodNotAllowed", "Settings are listed by POST.");
  const document = state.documents.get(keyOf(path));
  if (document) return c.json(document);
  const children = [...state.documents]
    .filter(([key]) => key.startsWith(`${keyOf(path)}/`) && !key.slice(path.length + 1).includes("/"))
    .map(([, child]) => child);
  return children.length > 0 || isKnownCollection(path) ? list(c, state, children) : notFound(path);
}

/** Collections that may be empty. */
const isKnownCollection = (path: string): boolean =>
  /\/(secrets|keys|containers|federatedIdentityCredentials|registrationAssignments)$/i.test(path);

/** Resources of the first level, and slots of apps: other subordinates have paths of their own. */
function resourcesIn(state: AzureState, group: string): readonly object[] {
  const prefix = `${keyOf(group)}/providers/`;
  return [...state.documents]
    .filter(([key]) => key.startsWith(prefix))
    .filter(([key]) => /^[^/]+\/[^/]+\/[^/]+(\/slots\/[^/]+)?$/.test(key.slice(prefix.length)))
    .map(([, { id, name, type, location, tags, identity }]) => ({
      id,
      name,
      type,
      location,
      ...(tags ? { tags } : {}),
      ...(identity ? { identity } : {}),
    }));
}

/** At the scope and above it; without `atScope()` below it too. Root and management groups are above everything. */
function seenFrom(
  state: AzureState,
  scope: string,
  filter: string | undefined,
  eligible: boolean,
): readonly RoleAssignment[] {
  const at = keyOf(scope);
  return state.assignments.filter((one) => {
    const below = filter !== "atScope()" && keyOf(one.scope).startsWith(`${at}/`);
    return one.eligible === eligible && (isAbove(one, scope) || below);
  });
}

function isAbove({ scope }: RoleAssignment, path: string): boolean {
  const [its, at] = [keyOf(scope), keyOf(path)];
  return its === "/" || its.startsWith("/providers/microsoft.management/") || at === its || at.startsWith(`${its}/`);
}

const roleDefinitionId = ({ roles }: AzureState, { role }: RoleAssignment): string =>
  `/subscriptions/${SUBSCRIPTION_ID}${AUTHORIZATION}roleDefinitions/${roles.get(role)?.id ?? ""}`;

const assignmentOf = (state: AzureState, one: RoleAssignment): object => ({
  id: one.id,
  name: one.id.slice(one.id.lastIndexOf("/") + 1),
  type: "Microsoft.Authorization/roleAssignments",
  properties: {
    scope: one.scope,
    roleDefinitionId: roleDefinitionId(state, one),
    principalId: one.principalId,
    principalType: one.principalType,
    condition: null,
  },
});

const eligibilityOf = (state: AzureState, one: RoleAssignment): object => ({
  id: one.id.replace("roleAssignments", "roleEligibilityScheduleInstances"),
  type: "Microsoft.Authorization/roleEligibilityScheduleInstances",
  properties: {
    scope: one.scope,
    roleDefinitionId: roleDefinitionId(state, one),
    principalId: one.principalId,
    principalType: one.principalType,
    memberType: "Direct",
    status: "Provisioned",
  },
});

function list(c: Context, { pageSize }: AzureState, items: readonly object[]): Response {
  const from = Number(c.req.query("$skiptoken") ?? "0");
  const next = from + pageSize;
  if (next >= items.length) return c.json({ value: items.slice(from) });
  const url = new URL(c.req.url);
  url.searchParams.set("$skiptoken", String(next));
  return c.json({ value: items.slice(from, next), nextLink: url.href });
}

function splitAt(path: string, separator: string): readonly [string, string | undefined] {
  const index = keyOf(path).lastIndexOf(keyOf(separator));
  return index === -1 ? [path, undefined] : [path.slice(0, index), path.slice(index + separator.length)];
}

const notFound = (path: string): Response =>
  failure(404, "ResourceNotFound", `The resource '${path}' in tenant '${TENANT_ID}' was not found.`);

const failure = (status: number, code: string, message: string): Response =>
  Response.json({ error: { code, message } }, { status });
