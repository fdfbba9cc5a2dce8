import { describe, expect, it } from "vitest";
import { dailyId, GROUPS } from "../../local/seed.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createPostureDirectory } from "../../shared/adapters/graph/posture-directory.ts";
import { createRoleDirectory } from "../../shared/adapters/graph/role-directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import { tenantOfItsOwn } from "../support/graph-requests.ts";

describe("the owners of a group over Graph", () => {
  const tenant = tenantOfItsOwn();
  const graph = () =>
    createGraph(tenant().url, {
      getToken: () => Promise.resolve({ token: "worker", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
    });
  const id = GROUPS.identityTeam as PrincipalId;
  const owned = (count: number): readonly string[] => {
    const ownerIds = Array.from({ length: count }, (_, index) => dailyId(index + 1));
    tenant().control("setGroup", { id, ownerIds });
    return ownerIds;
  };

  it.each([0, 3, 19, 20, 25])("are all found when there are %i", async (count) => {
    const ownerIds = owned(count);
    expect((await createPostureDirectory(graph()).holdingGroup(id))?.owners).toEqual(ownerIds);
    expect((await createRoleDirectory(graph()).group(id))?.owned).toBe(count > 0);
  });

  it("are nobody's where there is no such group", async () => {
    const nowhere = "60000000-0000-4000-8000-000000009999" as PrincipalId;
    expect(await createPostureDirectory(graph()).holdingGroup(nowhere)).toBeUndefined();
    expect(await createRoleDirectory(graph()).group(nowhere)).toBeUndefined();
  });
});
