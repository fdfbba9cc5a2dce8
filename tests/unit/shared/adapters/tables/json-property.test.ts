import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonProperties, readJson } from "../../../../../shared/adapters/tables/json-property.ts";

/** 64 KiB of UTF-16. */
const MOST_UNITS = 32_768;

describe("jsonProperties", () => {
  it("gives back every value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readJson(jsonProperties("json", value), "json")).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("cuts long texts into properties that the service takes, in plain ASCII", () => {
    const character = fc.constantFrom("a", '"', "ü", "\u2028", "\u{1F600}", "\n");
    fc.assert(
      fc.property(
        fc.array(character, { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 1, max: 5_000 }),
        (unit, times) => {
          const value = unit.join("").repeat(times);
          const properties = jsonProperties("json", value);
          for (const piece of Object.values(properties)) {
            expect(piece.length).toBeLessThanOrEqual(MOST_UNITS);
            expect(piece).toMatch(/^[ -~]*$/);
          }
          expect(readJson(properties, "json")).toBe(value);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("names the pieces after the property", () => {
    expect(Object.keys(jsonProperties("record", "x".repeat(70_000)))).toEqual(["record", "record1", "record2"]);
  });

  it("refuses what one row cannot hold, and says how long it is", () => {
    expect(() => jsonProperties("json", "x".repeat(448_000))).toThrow(
      '"json" is 448002 characters long; a row holds 448000',
    );
  });
});
