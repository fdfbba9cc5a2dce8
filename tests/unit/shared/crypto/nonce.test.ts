import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signInNonce, type SignInPurpose } from "../../../../shared/crypto/nonce.ts";

const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.stringMatching(/^[0-9:\n]{0,8}$/));
const purposes: fc.Arbitrary<SignInPurpose> = fc.record({
  purpose: fc.constantFrom("stepUp", "start", "decision"),
  requestDigest: text,
  content: text,
  random: text,
});
const PARTS = ["purpose", "requestDigest", "content", "random"] as const;

describe("signInNonce", () => {
  it("is the same for the same purpose and another for every other", () => {
    fc.assert(
      fc.property(purposes, purposes, (one, other) => {
        const same = PARTS.every((part) => one[part] === other[part]);
        expect(signInNonce(one) === signInNonce(other)).toBe(same);
        expect(signInNonce({ ...one })).toBe(signInNonce(one));
        expect(signInNonce(one)).toMatch(/^[\w-]{43}$/);
      }),
    );
  });

  it("changes with each part alone", () => {
    fc.assert(
      fc.property(purposes, fc.constantFrom("requestDigest", "content", "random"), text, (one, part, value) => {
        fc.pre(one[part] !== value);
        expect(signInNonce({ ...one, [part]: value })).not.toBe(signInNonce(one));
      }),
    );
  });

  it("does not let text move from one part into the next, not even with the lengths that stand between them", () => {
    const whole: SignInPurpose = { purpose: "decision", requestDigest: "ab", content: "cd", random: "ef" };
    const others: readonly SignInPurpose[] = [
      { ...whole, requestDigest: "abc", content: "d" },
      { ...whole, requestDigest: "a", content: "bcd" },
      { ...whole, requestDigest: "ab\n2:cd", content: "" },
      { ...whole, requestDigest: "", content: "ab\n2:cd" },
      { ...whole, content: "cd\n2:ef", random: "" },
      { ...whole, content: "", random: "cdef" },
    ];
    expect(new Set([whole, ...others].map(signInNonce)).size).toBe(others.length + 1);
  });
});
