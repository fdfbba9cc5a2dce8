import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  coveringContent,
  partsDigestIn,
  partsText,
  readParts,
  type SignedPart,
} from "../../../../shared/crypto/signed-answers.ts";
import { sha256Hex } from "../../../../shared/crypto/digest.ts";
import type { ChangeId } from "../../../../shared/domain/change.ts";

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...("0123456789abcdef".match(/./g) ?? [])), minLength: length, maxLength: length });
const part: fc.Arbitrary<SignedPart> = fc.record({
  review: hex(32).map((id) => id as ChangeId),
  requestDigest: hex(64),
  slot: fc.integer({ min: 1, max: 65_535 }),
  answersDigest: hex(64),
});
const somePart = fc.uniqueArray(part, {
  minLength: 1,
  maxLength: 20,
  selector: ({ review, slot }) => `${review} ${slot}`,
});
const ONE: SignedPart = {
  review: "1".repeat(32) as ChangeId,
  requestDigest: "a".repeat(64),
  slot: 2,
  answersDigest: "b".repeat(64),
};

describe("the parts that one sign-in covers", () => {
  it("are one text in whatever order they are listed, and are read back from it", () => {
    fc.assert(
      fc.property(somePart, (parts) => {
        const text = partsText(parts);
        expect(partsText(parts.toReversed())).toBe(text);
        expect(readParts(text)?.toSorted(byText)).toEqual(parts.toSorted(byText));
      }),
    );
  });

  it("make another content whenever one thing of one of them is another", () => {
    fc.assert(
      fc.property(somePart, part, fc.nat(), (parts, other, at) => {
        const index = at % parts.length;
        const changed = parts.map((one, n) => (n === index ? { ...one, answersDigest: other.answersDigest } : one));
        fc.pre(parts[index]?.answersDigest !== other.answersDigest);
        expect(coveringContent(partsText(changed))).not.toBe(coveringContent(partsText(parts)));
      }),
    );
  });

  it.each([
    ["no JSON", "["],
    ["no list", "{}"],
    ["an empty list", "[]"],
    ["blanks", ` ${partsText([ONE])}`],
    ["another order of names", `[${JSON.stringify(ONE)}]`],
    ["something beside what is known", JSON.stringify([{ ...ONE, role: "x" }])],
    ["something missing", JSON.stringify([{ review: ONE.review, slot: 2 }])],
    ["a part that is there twice", `[${[ONE, ONE].map((one) => partsText([one]).slice(1, -1)).join()}]`],
    [
      "two parts for one slot of a review",
      `[${[ONE, { ...ONE, answersDigest: "c".repeat(64) }].map((one) => partsText([one]).slice(1, -1)).join()}]`,
    ],
    [
      "the wrong order",
      `[${[{ ...ONE, review: "2".repeat(32) as ChangeId }, ONE].map((one) => partsText([one]).slice(1, -1)).join()}]`,
    ],
    ["slot 0", partsText([{ ...ONE, slot: 0 }])],
    ["half a slot", partsText([{ ...ONE, slot: 1.5 }])],
    ["a slot that is text", partsText([{ ...ONE, slot: "2" as never }])],
    ["a digest in capitals", partsText([{ ...ONE, answersDigest: "B".repeat(64) }])],
    ["a review that is none", partsText([{ ...ONE, review: "x" as ChangeId }])],
    ["null in the list", "[null]"],
  ])("are not read from %s", (_what, text) => {
    expect(readParts(partsText([ONE]))).toEqual([ONE]);
    expect(readParts(text)).toBeUndefined();
  });

  it("are named by the content alone, and by nothing that looks like it", () => {
    const digest = sha256Hex("x");
    expect(partsDigestIn(coveringContent("x"))).toBe(digest);
    for (const content of [
      "",
      "null",
      "7",
      `{"kind":"review","partsDigest":"${digest}"}`,
      `{"partsDigest":"${digest}"}`,
    ])
      expect(partsDigestIn(content)).toBeUndefined();
    expect(partsDigestIn(` ${coveringContent("x")}`)).toBeUndefined();
    expect(partsDigestIn(`{"kind":"reviews","partsDigest":"${digest}","parts":[]}`)).toBeUndefined();
  });
});

const byText = (a: SignedPart, b: SignedPart): number => (keyOf(a) < keyOf(b) ? -1 : 1);
const keyOf = ({ review, slot }: SignedPart): string => `${review} ${slot}`;
