import { describe, expect, it } from "vitest";
import { withinHours } from "../../../../shared/domain/hours.ts";
import type { HoursPolicy } from "../../../../shared/domain/policy.ts";

const BERLIN: HoursPolicy = {
  zone: "Europe/Berlin",
  days: ["Mon", "Tue", "Wed", "Thu", "Fri"],
  from: "07:00",
  to: "19:00",
};

describe("withinHours", () => {
  it.each([
    ["2026-11-24T06:00:00.000Z", true, "a winter Tuesday, 07:00"],
    ["2026-11-24T05:59:59.999Z", false, "a winter Tuesday, just before 07:00"],
    ["2026-11-24T17:59:59.999Z", true, "a winter Tuesday, just before 19:00"],
    ["2026-11-24T18:00:00.000Z", false, "a winter Tuesday, 19:00"],
    ["2026-07-14T05:00:00.000Z", true, "a summer Tuesday, 07:00"],
    ["2026-07-14T17:00:00.000Z", false, "a summer Tuesday, 19:00"],
    ["2026-11-22T12:00:00.000Z", false, "a Sunday"],
    ["2026-11-22T23:30:00.000Z", false, "a Monday, half past midnight"],
  ])("at %s is %s: %s", (at, expected) => {
    expect(withinHours(BERLIN, at)).toBe(expected);
  });

  it("covers a whole day up to 24:00, by the day of the zone", () => {
    const auckland: HoursPolicy = { zone: "Pacific/Auckland", days: ["Sun"], from: "00:00", to: "24:00" };
    const instants = [
      "2026-11-21T10:59:00.000Z",
      "2026-11-21T11:00:00.000Z",
      "2026-11-22T10:59:00.000Z",
      "2026-11-22T11:00:00.000Z",
    ];
    expect(instants.map((at) => withinHours(auckland, at))).toEqual([false, true, true, false]);
  });
});
