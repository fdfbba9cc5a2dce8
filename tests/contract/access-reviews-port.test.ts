import { describe, expect, it } from "vitest";
import { adminId, dailyId } from "../../local/seed.ts";
import { createAccessReviews } from "../../shared/adapters/graph/access-reviews.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import type { PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { AccessReviews, EntraReview } from "../../shared/ports/access-reviews.ts";
import { role, tenantOfItsOwn } from "../support/graph-requests.ts";

const at = (url: string, token = "all"): AccessReviews =>
  createAccessReviews(
    createGraph(url, { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }),
  );
const review = (name: string): EntraReview => ({
  name,
  words: "who still needs it",
  roleDefinitionId: role("globalAdministrator") as RoleDefinitionId,
  reviewers: [dailyId(3) as PrincipalId],
  days: 14,
});
const idOf = (opened: Awaited<ReturnType<AccessReviews["open"]>>): string => {
  if ("refused" in opened) throw new Error(opened.refused);
  return opened.definitionId;
};

describe("reviews in Entra, over Graph", () => {
  const tenant = tenantOfItsOwn();

  it("are opened once for each name", async () => {
    const reviews = at(tenant().url);
    const first = await reviews.open(review("one"));
    expect(await reviews.open(review("one"))).toEqual(first);
    expect(idOf(await reviews.open(review("another")))).not.toBe(idOf(first));
  });

  it("answer who was asked about, and what was decided by whom", async () => {
    const reviews = at(tenant().url);
    const id = idOf(await reviews.open(review("decided")));
    const said = { displayName: "decided", byId: dailyId(3) };
    tenant().control("answerReview", { ...said, principalId: adminId(1), decision: "Deny", justification: "left" });
    tenant().control("answerReview", {
      ...said,
      principalId: adminId(4),
      decision: "Approve",
      justification: "on call",
    });
    tenant().control("answerReview", { ...said, principalId: adminId(8), decision: "DontKnow" });
    const decisions = await reviews.decisions(id);
    expect([...(decisions ?? [])].toSorted()).toMatchObject([
      [adminId(1), [{ keeps: false, reason: "left", by: dailyId(3) }]],
      [adminId(4), [{ keeps: true, reason: "on call", by: dailyId(3) }]],
      [adminId(8), []],
    ]);
  });

  it("are refused without the permission, and without the licence", async () => {
    expect(await at(tenant().url, "worker").open(review("not permitted"))).toEqual({
      refused: "403: the permission is missing",
    });
    tenant().control("settings", { servicePlans: ["AAD_PREMIUM"] });
    expect(await at(tenant().url).open(review("not licensed"))).toEqual({ refused: "403 Forbidden" });
  });

  it("are gone where nobody knows the id any more", async () => {
    expect(await at(tenant().url).decisions("00000000-0000-4000-8000-00000000dead")).toBeUndefined();
  });
});
