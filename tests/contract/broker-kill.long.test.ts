import { describe, expect, it } from "vitest";
import { killUnderLoad } from "../support/kill-run.ts";

const KILLS = 25;

describe("a broker that is killed under load many times", () => {
  it("loses nothing it acknowledged, and brings back nothing that was completed", async () => {
    const { acknowledged, received, resurrected } = await killUnderLoad(KILLS, 2_000);
    console.log(`${KILLS} kills: ${acknowledged.size} acknowledged, ${received.size} received`);
    expect([...acknowledged].filter((id) => !received.has(id))).toEqual([]);
    expect(resurrected).toEqual([]);
  });
});
