import { describe, expect, it } from "vitest";
import { APPS, dailyId, GROUPS, LEGACY_SYNC, PIPELINE } from "../../local/seed.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createSelfDirectory } from "../../shared/adapters/graph/self-directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { SelfDirectory } from "../../shared/ports/doctor.ts";
import { tenantOfItsOwn } from "../support/graph-requests.ts";

describe("who is behind an object id, over Graph", () => {
  const tenant = tenantOfItsOwn();
  const self = (who = "worker"): SelfDirectory => {
    const getToken = () => Promise.resolve({ token: who, expiresOnTimestamp: Number.MAX_SAFE_INTEGER });
    return createSelfDirectory(createGraph(tenant().url, { getToken }), tenant().url, { getToken });
  };
  const behind = async (id: string, who = "worker") => {
    const [found] = await self(who).principals([id as PrincipalId]);
    if (!found) throw new Error("nobody was found");
    return found;
  };

  it("is the members and owners of a group, and who can activate either; of a group among them, its members", async () => {
    tenant().control("setGroup", {
      id: GROUPS.emptyApprovers,
      ownerIds: [dailyId(9)],
      eligible: [
        { principalId: dailyId(7), accessId: "owner" },
        { principalId: GROUPS.directoryOwners, accessId: "member" },
      ],
    });
    const found = await behind(GROUPS.emptyApprovers);
    expect(found.behind.map(({ principal, as, eligible }) => [principal.id, as, eligible])).toEqual([
      [dailyId(9), "owner", false],
      [dailyId(7), "owner", true],
      [dailyId(4), "member", true],
      [dailyId(8), "member", true],
    ]);
    expect(found).toMatchObject({ eligibleUnread: false, open: false });
  });

  it("says of a group that many may change who is in it", async () => {
    expect(await behind(GROUPS.onCall)).toMatchObject({ open: true });
    expect(await behind(GROUPS.everyone)).toMatchObject({ open: true });
  });

  it("is every way to sign in as an application, by its registration and by itself", async () => {
    const key = { keyId: "1", displayName: "old", startDateTime: "2026-01-01T00:00:00Z", hint: "abc" };
    tenant().control("setApp", {
      id: PIPELINE.objectId,
      passwordCredentials: [{ ...key, endDateTime: "2027-01-01T00:00:00Z" }],
    });
    const { issuer, subject, name } = PIPELINE.trusts;
    expect((await behind(PIPELINE.objectId)).credentials).toEqual([
      { kind: "secret", name: "old", endsAt: "2027-01-01T00:00:00.000Z" },
      { kind: "federated", name, issuer, subject },
    ]);
    expect((await behind(LEGACY_SYNC.objectId)).credentials).toEqual([]);
  });

  it("is the resource of a managed identity, and no key of the platform's", async () => {
    const resourceId =
      "/subscriptions/s/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deployer";
    tenant().control("setApp", {
      id: APPS.daemon.objectId,
      servicePrincipalType: "ManagedIdentity",
      alternativeNames: ["isExplicit=True", resourceId],
    });
    expect(await behind(APPS.daemon.objectId)).toMatchObject({ resourceId });
  });

  it("knows a registration with its secrets, and where sign-ins are answered to", async () => {
    const [found, ...others] = await self().registrations([APPS.signIn.clientId]);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      clientId: APPS.signIn.clientId,
      credentials: [{ kind: "secret", name: "sign-in" }],
      redirectUris: [expect.stringMatching(/\/api\/sign-in\/callback$/)],
      implicit: false,
    });
  });
});
