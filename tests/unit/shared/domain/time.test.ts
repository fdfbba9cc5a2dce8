import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DAY_MS,
  formatDuration,
  HOUR_MS,
  instant,
  MINUTE_MS,
  parseDuration,
  parseInstant,
  SECOND_MS,
} from "../../../../shared/domain/time.ts";

describe("durations", () => {
  it.each([
    ["PT2H", 2 * HOUR_MS],
    ["PT90M", 90 * MINUTE_MS],
    ["P1DT2H30M5S", DAY_MS + 2 * HOUR_MS + 30 * MINUTE_MS + 5 * SECOND_MS],
    ["P7D", 7 * DAY_MS],
  ])("%s is read", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    "",
    "P",
    "PT",
    "P1DT",
    "PT0S",
    "P0D",
    "P1M",
    "P1Y",
    "P2W",
    "-PT1H",
    "PT-1H",
    "+PT1H",
    "PT1.5H",
    "pt1h",
    "2h",
    "PT1H ",
    "PT1H\n",
    "PT1M1H",
  ])("%j is refused", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it("are read back as they were written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * SECOND_MS))).toBe(seconds * SECOND_MS);
      }),
    );
  });
});

describe("instants", () => {
  it.each([
    ["2026-01-05T09:00:00Z", "2026-01-05T09:00:00.000Z"],
    ["2026-01-05T09:00:00.1234567Z", "2026-01-05T09:00:00.123Z"],
    ["2026-01-05T10:00:00.000+0100", "2026-01-05T09:00:00.000Z"],
    ["2026-01-05T03:30:00-05:30", "2026-01-05T09:00:00.000Z"],
  ])("%s is normalised", (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  it.each(["", "2026-01-05", "2026-01-05T09:00:00", "2026-13-05T09:00:00Z", "2026-01-05 09:00:00", "now"])(
    "%j is none",
    (text) => {
      expect(parseInstant(text)).toBeUndefined();
    },
  );

  it("sort as text the way they sort as time", () => {
    const ms = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        expect(instant(a) < instant(b)).toBe(a < b);
      }),
    );
  });
});
