import { describe, expect, it } from "vitest";
import { killUnderLoad } from "../support/kill-run.ts";

describe("a broker that is killed under load", () => {
  it("loses nothing it acknowledged, and brings back nothing that was completed", { timeout: 60_000 }, async () => {
    const { acknowledged, received, resurrected } = await killUnderLoad(3, 250);
    expect([...acknowledged].filter((id) => !received.has(id))).toEqual([]);
    expect(resurrected).toEqual([]);
    expect(acknowledged.size).toBeGreaterThanOrEqual(3 * 250);
  });
});
