import { describe, expect, it } from "vitest";
import { takenRequests } from "../../../../functions/triggers/taken-requests.ts";
import { instant, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";

const NOON = instant(Date.parse("2026-11-24T12:00:00Z"));

describe("requests that were taken a short while ago", () => {
  it("are known for ten minutes", () => {
    const taken = takenRequests();
    taken.add("one", NOON);
    expect(taken.has("one", plus(NOON, 10 * MINUTE_MS - 1))).toBe(true);
    expect(taken.has("one", plus(NOON, 10 * MINUTE_MS))).toBe(false);
    expect(taken.has("two", NOON)).toBe(false);
  });

  it("are a thousand at most: the one that was taken longest ago is forgotten", () => {
    const taken = takenRequests();
    for (let number = 0; number < 1_000; number++) taken.add(`${number}`, NOON);
    taken.add("0", NOON);
    taken.add("1000", NOON);
    expect(["0", "1", "2", "1000"].map((digest) => taken.has(digest, NOON))).toEqual([true, false, true, true]);
  });
});
