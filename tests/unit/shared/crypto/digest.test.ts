import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, digestOf, sha256Hex } from "../../../../shared/crypto/digest.ts";

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, shuffled(inner)]),
  );
};

describe("digests", () => {
  it("are SHA-256 of UTF-8 text", () => {
    expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256Hex("é")).toBe("4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c");
  });

  it("are taken of the one canonical form: sorted names, shortest numbers, no blanks", () => {
    expect(canonicalJson({ b: [1.0, 1e21, "\u20ac\n"], "": null, a: { z: true, y: -0 } })).toBe(
      '{"":null,"a":{"y":0,"z":true},"b":[1,1e+21,"€\\n"]}',
    );
  });

  it("do not see the order of members, and see everything else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(digestOf(shuffled(one))).toBe(digestOf(one));
        expect(canonicalJson(one) === canonicalJson(other)).toBe(digestOf(one) === digestOf(other));
        expect(JSON.parse(canonicalJson(one))).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });

  it.each([[undefined], [() => 1], [Number.NaN], [Number.POSITIVE_INFINITY], [{ a: Number.NaN }]])(
    "are not taken of what JSON cannot say: %s",
    (value) => {
      expect(() => digestOf(value)).toThrow();
    },
  );
});
