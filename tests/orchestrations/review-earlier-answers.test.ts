import { beforeEach, describe, expect, it } from "vitest";
import { sealChangeVerdict } from "../../functions/changes/frozen-change.ts";
import { answersDigest } from "../../functions/review/resolve-item.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { AnswerSheet } from "../../shared/ports/change-store.ts";
import { ADA, CORA, EVA } from "../support/memory-world.ts";
import { REVIEWED, ReviewedWorld } from "../support/reviewed-world.ts";

/** Answers of a version in which they did not name whom they were about, in a review that is still open. */
let world: ReviewedWorld;
beforeEach(async () => {
  world = new ReviewedWorld({ ...REVIEWED, noAnswer: "keep" });
  await world.open();
});

const slot = (): number => world.slotOf(world.global, EVA);

/** As the page of then kept them: Eva has Cora removed. */
async function keptBefore(): Promise<AnswerSheet> {
  const sheet = {
    [await world.numberOf(world.global, CORA)]: { choice: "remove", reason: "" },
  } as unknown as AnswerSheet;
  await world.tables.changes.keepAnswers(world.global, slot(), sheet);
  return sheet;
}

describe("answers of an earlier version", () => {
  it("count where they were signed under it", async () => {
    const sheet = await keptBefore();
    const digest = answersDigest(sheet);
    await world.tables.changes.keepAnswers(world.global, slot(), sheet, digest);
    const verdict = sealChangeVerdict(world.worker.sealing, {
      changeId: world.global,
      changeDigest: sha256Hex(world.tables.changes.frozenRows.get(world.global)?.body ?? ""),
      slot: slot(),
      person: EVA.key,
      decision: { kind: "review", answersDigest: digest },
      verifiedAt: world.now,
      nonce: "earlier",
      account: EVA.dailyAccount,
      authenticatedAt: world.now,
      authenticationContexts: ["c1"],
    });
    await world.tables.changes.keepVerdict(world.global, `earlier-${slot()}`, verdict);
    await world.toTheEnd();
    expect(await world.outcomes(world.global)).toEqual(["ada: keep by nobody", "cora: remove by eva"]);
  });

  it("are asked for again where they were not, and keep nothing else from being signed", async () => {
    await keptBefore();
    const page = await (await world.browserOf(EVA)).get(world.linkOf(world.global, EVA));
    expect(page.text).toContain("Global Administrator : 0 of 2 answered");
    await world.signs(EVA, await world.fieldsFor(world.global, EVA, ADA, "remove"));
    await world.runReviews();
    await world.toTheEnd();
    expect(world.refusals(world.global)).toEqual([]);
    expect(await world.outcomes(world.global)).toEqual(["ada: remove by eva", "cora: keep by nobody"]);
  });

  it("that somebody plants are not signed with the others", async () => {
    await keptBefore();
    const forged = await world.tables.changes.answers(world.global, slot());
    await world.signsFor(world.global, EVA, { kind: "review", answersDigest: answersDigest(forged) }, { slot: slot() });
    await world.runChange(world.global);
    expect(world.refusals(world.global)).toEqual(["BadContent"]);
  });
});
