import { describe, expect, it } from "vitest";
import { adminId, APPS, dailyId, LEGACY_SYNC, MICROSOFT_GRAPH } from "../../local/seed.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createPostureDirectory } from "../../shared/adapters/graph/posture-directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { PrivilegedApplication } from "../../shared/domain/posture.ts";
import { answering } from "../support/answering-server.ts";
import { codeOf, ids, tenantOfItsOwn, values } from "../support/graph-requests.ts";

const postureAt = (url: string, token: string) =>
  createPostureDirectory(
    createGraph(url, { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }),
  );
const SERVICE_PRINCIPALS = "/servicePrincipals";
const NOBODY: ReadonlySet<PrincipalId> = new Set();
const holding = (id: string): ReadonlySet<PrincipalId> => new Set([id as PrincipalId]);

describe("applications over Graph", () => {
  const tenant = tenantOfItsOwn();
  const read = async (holders = NOBODY, token = "worker"): Promise<readonly PrivilegedApplication[]> => {
    const posture = await postureAt(tenant().url, token).applications(holders);
    if (posture.kind !== "read") throw new Error("not read");
    return posture.applications;
  };
  const paths = (): readonly string[] =>
    (tenant().control("exchanges") as readonly { readonly path: string }[]).map(({ path }) => path);

  it("finds tier-0 permissions and nothing else, with the owners", async () => {
    const found = await read();
    expect(found.map(({ id, permissions }) => [id, permissions])).toEqual([
      [
        APPS.worker.objectId,
        [
          "RoleAssignmentSchedule.ReadWrite.Directory",
          "RoleEligibilitySchedule.ReadWrite.Directory",
          "RoleManagementPolicy.ReadWrite.Directory",
        ],
      ],
      [LEGACY_SYNC.objectId, ["RoleManagement.ReadWrite.Directory", "Directory.ReadWrite.All"]],
    ]);
    tenant().control("setApp", {
      id: LEGACY_SYNC.objectId,
      registration: { id: "f8000000-0000-4000-8000-000000000008", ownerIds: [dailyId(5)], passwordCredentials: [] },
    });
    expect((await read())[1]?.registrationOwners).toMatchObject([{ id: dailyId(5), kind: "user" }]);
    expect(found[1]).toMatchObject({
      registrationOwners: [],
      name: "Legacy sync tool",
      enabled: true,
      owners: [{ id: dailyId(40), kind: "user", name: "Nora Dahl" }],
      moreOwners: false,
    });
  });

  it("names holders of roles too, whatever their permissions", async () => {
    expect(
      (await read(holding(APPS.daemon.objectId))).map(({ id, permissions }) => [id, permissions.length]),
    ).toContainEqual([APPS.daemon.objectId, 0]);
  });

  it("reads small and empty pages to the end, and owners only of what it names", async () => {
    const all = await read();
    tenant().control("settings", { pageSize: 2, emptyPages: true });
    expect(await read()).toEqual(all);
    tenant().control("settings", { pageSize: 100, emptyPages: false });
    tenant().control("clearExchanges");
    await read();
    expect(paths()).toHaveLength(3 + all.length); // Graph itself, all of them, and the registrations of those it names
  });

  it("reads permissions that an expanded list cuts off, and says when owners may be cut off", async () => {
    const before = Array.from({ length: 20 }, () => "User.Read.All");
    tenant().control("setApp", {
      id: APPS.stranger.objectId,
      permissions: [...before, "Application.ReadWrite.All"],
      ownerIds: Array.from({ length: 25 }, (_, index) => dailyId(index + 1)),
    });
    const found = (await read()).find(({ id }) => id === APPS.stranger.objectId);
    expect(found).toMatchObject({
      permissions: ["Application.ReadWrite.All"],
      owners: { length: 20 },
      moreOwners: true,
    });
    tenant().control("setApp", { id: APPS.stranger.objectId, permissions: [], ownerIds: [] });
  });

  it("says that applications were not read where our identity may not", async () => {
    expect(await postureAt(tenant().url, "sweeper").applications(NOBODY)).toEqual({ kind: "notAllowed" });
  });

  it("does not take a failure for a missing permission", async () => {
    tenant().control("faults", { path: "/servicePrincipals", times: 9, fault: { kind: "status", status: 503 } });
    await expect(postureAt(tenant().url, "worker").applications(NOBODY)).rejects.toMatchObject({ code: "Unavailable" });
  });

  it("leaves out an application that was deleted while the report was read", async () => {
    const fault = { kind: "status", status: 404 };
    tenant().control("faults", { path: `/servicePrincipals/${LEGACY_SYNC.objectId}`, fault });
    expect((await read()).map(({ id }) => id)).toEqual([APPS.worker.objectId]);
  });

  it("lists what is asked for: one relationship at once, by who may", async () => {
    const one = `${SERVICE_PRINCIPALS}/${LEGACY_SYNC.objectId}`;
    expect(values(await tenant().get(`${one}/appRoleAssignments`))[0]).toMatchObject({
      appRoleId: "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
      principalId: LEGACY_SYNC.objectId,
      resourceId: MICROSOFT_GRAPH.objectId,
    });
    expect((await tenant().get(`${one}?$expand=owners,appRoleAssignments`)).status).toBe(400);
    expect((await tenant().get(`${one}?$select=ownerIds`)).status).toBe(400);
    expect(codeOf(await tenant().get(SERVICE_PRINCIPALS, "sweeper"))).toBe("Authorization_RequestDenied");
    const filter = encodeURIComponent(`appId eq '${LEGACY_SYNC.appId}'`);
    expect(ids(await tenant().get(`${SERVICE_PRINCIPALS}?$filter=${filter}`))).toEqual([LEGACY_SYNC.objectId]);
  });
});

describe("delegated permissions over Graph", () => {
  const tenant = tenantOfItsOwn();
  const read = (token = "worker") => postureAt(tenant().url, token).delegatedGrants();
  const grant = (scope: string, more: object = {}) =>
    tenant().control("addPermissionGrant", { clientId: APPS.stranger.objectId, scope, ...more });

  it("finds what is tier 0 and of Microsoft Graph, for everybody and for one person", async () => {
    grant("openid RoleManagement.ReadWrite.Directory  Mail.Read Application.ReadWrite.All");
    grant("User.Read Mail.Read");
    grant("Directory.AccessAsUser.All", { resourceId: APPS.api.objectId });
    grant("Directory.AccessAsUser.All", { principalId: adminId(4) });
    const everybody = { id: APPS.stranger.objectId, enabled: true, of: "everybody" };
    expect(await read()).toMatchObject({
      kind: "read",
      grants: [
        {
          name: LEGACY_SYNC.name,
          permissions: ["Directory.AccessAsUser.All"],
          of: { id: dailyId(40), name: "Nora Dahl" },
        },
        { ...everybody, permissions: ["RoleManagement.ReadWrite.Directory", "Application.ReadWrite.All"] },
        {
          id: APPS.stranger.objectId,
          permissions: ["Directory.AccessAsUser.All"],
          of: { id: adminId(4), kind: "user" },
        },
      ],
    });
  });

  it("reads small and empty pages to the end", async () => {
    const all = await read();
    tenant().control("settings", { pageSize: 1, emptyPages: true });
    expect(await read()).toEqual(all);
    tenant().control("settings", { pageSize: 100, emptyPages: false });
  });

  it("says that they were not read where our identity may not, and takes no failure for that", async () => {
    expect(await read("sweeper")).toEqual({ kind: "notAllowed" });
    tenant().control("faults", { path: "/oauth2PermissionGrants", times: 9, fault: { kind: "status", status: 503 } });
    await expect(read()).rejects.toMatchObject({ code: "Unavailable" });
  });
});

describe("permissions that are told apart", () => {
  const API = "e0000000-0000-4000-8000-0000000000aa";
  const application = "e0000000-0000-4000-8000-0000000000bb";
  const grantOf = (appRoleId: string, resourceId = API) => ({
    id: application,
    displayName: "An application",
    accountEnabled: false,
    appRoleAssignments: [{ appRoleId, resourceId }],
  });
  const OTHER_ID = "00000000-0000-4000-8000-000000000001";
  const ROLE_MANAGEMENT = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8";

  async function permissionsOf(row: object, appRoles: readonly object[]): Promise<readonly string[] | undefined> {
    const { url } = await answering(({ path }) => {
      if (path.includes("filter")) return { json: { value: [{ id: API, appRoles }] } };
      return { json: path.includes("owners") ? { id: application, owners: [] } : { value: [row] } };
    });
    const posture = await postureAt(url, "any").applications(NOBODY);
    return posture.kind === "read" ? posture.applications[0]?.permissions : undefined;
  }

  it("knows a permission by its id, though the API does not list it", async () => {
    expect(await permissionsOf(grantOf(ROLE_MANAGEMENT), [])).toEqual(["RoleManagement.ReadWrite.Directory"]);
  });

  it("knows a permission by its name, though the id is another one", async () => {
    const appRoles = [{ id: OTHER_ID, value: "Application.ReadWrite.All" }];
    expect(await permissionsOf(grantOf(OTHER_ID), appRoles)).toEqual(["Application.ReadWrite.All"]);
  });

  it("does not take a role of another API for one of Microsoft Graph", async () => {
    expect(await permissionsOf(grantOf(ROLE_MANAGEMENT, OTHER_ID), [])).toBeUndefined();
  });
});
