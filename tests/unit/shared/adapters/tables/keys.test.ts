import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeKey,
  encodeKey,
  newestFirstKey,
  plainKey,
  sequenceKey,
  timeKey,
} from "../../../../../shared/adapters/tables/keys.ts";
import { instant } from "../../../../../shared/domain/time.ts";

const text = fc.string({ unit: "binary", maxLength: 40 }).map((value) => value.toWellFormed());
const sign = (number: number): number => Math.sign(number);

describe("encodeKey", () => {
  it("uses letters, digits, hyphen and underscore only", () => {
    fc.assert(fc.property(text, (value) => /^[A-Za-z0-9_-]*$/.test(encodeKey(value))));
  });

  it("gives different texts different keys", () => {
    fc.assert(fc.property(text, text, (a, b) => (encodeKey(a) === encodeKey(b)) === (a === b)));
    expect(encodeKey("a.b")).not.toBe(encodeKey("a_2eb"));
  });

  it("can be read back", () => {
    fc.assert(fc.property(text, (value) => decodeKey(encodeKey(value)) === value));
  });

  it("leaves ids, ticket numbers and dates as they are", () => {
    for (const plain of ["servicenow-CHG0030001", "door-2026-11-24", "0123456789abcdef"])
      expect(encodeKey(plain)).toBe(plain);
  });

  it("refuses a text whose key would be longer than the service takes", () => {
    expect(encodeKey("a".repeat(512))).toHaveLength(512);
    expect(() => encodeKey("a".repeat(513))).toThrow(RangeError);
    expect(() => encodeKey("ü".repeat(100))).toThrow("too long for a key");
  });
});

describe("plainKey", () => {
  it("takes what is a key already and refuses everything else", () => {
    expect(plainKey("send-granted-1_a")).toBe("send-granted-1_a");
    for (const bad of ["", "a/b", "a#", "a?", "a\\", "a b", "ü", "a\n", "a".repeat(513)])
      expect(() => plainKey(bad)).toThrow(RangeError);
  });
});

describe("keys that are asked for by range", () => {
  it("order sequences as numbers", () => {
    const sequence = fc.integer({ min: 1, max: 9_999_999_999 });
    fc.assert(fc.property(sequence, sequence, (a, b) => sign(compare(sequenceKey(a), sequenceKey(b))) === sign(a - b)));
  });

  it("order instants forwards and backwards", () => {
    const ms = fc.integer({ min: 0, max: 9_999_999_999_999 });
    fc.assert(fc.property(ms, ms, (a, b) => compare(timeKey(instant(a)), timeKey(instant(b))) === sign(a - b)));
    fc.assert(
      fc.property(ms, ms, (a, b) => compare(newestFirstKey(instant(a)), newestFirstKey(instant(b))) === sign(b - a)),
    );
  });
});

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
