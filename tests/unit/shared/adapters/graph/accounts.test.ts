import { describe, expect, it } from "vitest";
import { createPostureDirectory } from "../../../../../shared/adapters/graph/posture-directory.ts";
import { createRoleDirectory } from "../../../../../shared/adapters/graph/role-directory.ts";
import type { PrincipalId } from "../../../../../shared/domain/ids.ts";

const ID = "a0000000-0000-4000-8000-000000000001" as PrincipalId;

/** A directory that says this of one account. */
const saying = (accountEnabled: boolean | null | undefined) => {
  const user = { id: ID, userType: "Member", ...(accountEnabled === undefined ? {} : { accountEnabled }) };
  return { find: async () => user, lists: async () => [[user]] } as never;
};

describe("an account over Graph", () => {
  it.each([
    [true, true],
    [false, false],
    [null, undefined],
    [undefined, undefined],
  ])("is enabled as the directory says (%s), and neither where it does not say", async (said, enabled) => {
    expect((await createRoleDirectory(saying(said)).account(ID))?.enabled).toBe(enabled);
    expect((await createPostureDirectory(saying(said)).users([ID]))[0]?.enabled).toBe(enabled);
  });
});
