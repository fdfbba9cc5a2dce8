import { beforeEach, describe, expect, it } from "vitest";
import { EVA } from "../support/memory-world.ts";
import { REVIEWED, ReviewedWorld } from "../support/reviewed-world.ts";

let world: ReviewedWorld;
beforeEach(async () => {
  world = new ReviewedWorld({ ...REVIEWED, noAnswer: "keep" });
  await world.open();
  await world.signs(EVA, await world.answersOfEva());
  await world.runReviews();
});

const findings = (): readonly unknown[] =>
  world.records(world.global).flatMap(({ type, data }) => (type === "FindingReported" ? [data["finding"]] : []));

describe("answers that a reviewer signed", () => {
  it("are no finding as long as they are there", async () => {
    await world.toTheEnd();
    expect(findings()).toEqual([]);
    expect(await world.outcomes(world.global)).toContain("cora: remove by eva");
  });

  it("are one where somebody took the sign-in away", async () => {
    world.tables.changes.stored.get(world.global)?.verdicts.clear();
    await world.toTheEnd();
    expect(findings()).toEqual(["signedAnswersGone"]);
  });

  it("are one where somebody took the answers away", async () => {
    const answers = world.tables.changes.stored.get(world.global)?.answers;
    for (const key of answers?.keys() ?? []) answers?.set(key, {});
    await world.toTheEnd();
    expect(findings()).toEqual(["signedAnswersGone"]);
  });
});
