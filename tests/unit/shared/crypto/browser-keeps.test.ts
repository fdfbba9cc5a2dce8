import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openBox, sealBox } from "../../../../shared/crypto/box.ts";
import { readLink, signLink, type Link } from "../../../../shared/crypto/link.ts";
import { parseActivationId } from "../../../../shared/domain/ids.ts";

const ring = (...ids: readonly number[]) => ({ keys: ids.map((id) => ({ id, secret: randomBytes(32) })) });
const keys = ring(7);

const flips = (text: string): readonly string[] =>
  Array.from(text, (character, at) => `${text.slice(0, at)}${character === "A" ? "B" : "A"}${text.slice(at + 1)}`);

const links: fc.Arbitrary<Link> = fc.record({
  purpose: fc.constantFrom("stepUp", "decide", "start"),
  activationId: fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => parseActivationId(Buffer.from(bytes).toString("hex")))
    .filter((id) => id !== undefined),
  slot: fc.integer({ min: 0, max: 65_535 }),
  expiresAtSeconds: fc.integer({ min: 0, max: 4_294_967_295 }),
});

describe("link tokens", () => {
  it("say what was signed, in one short form only", () => {
    fc.assert(
      fc.property(links, (link) => {
        const token = signLink(link, keys);
        expect(token).toMatch(/^[\w-]{55}$/);
        expect(readLink(token, keys)).toEqual(link);
      }),
    );
  });

  it("say nothing with any changed character, cut, padded, or under another key", () => {
    const [link] = fc.sample(links, 1);
    if (!link) throw new Error("no sample");
    const token = signLink(link, keys);
    for (const forged of [...flips(token), token.slice(0, -1), `${token}=`, `${token}A`, ` ${token}`, ""])
      expect(readLink(forged, keys), forged).toBeUndefined();
    expect(readLink(token, ring(7))).toBeUndefined();
    expect(readLink(token, ring(8))).toBeUndefined();
  });

  it("outlive a change of keys by as long as the old one is listed", () => {
    const [link] = fc.sample(links, 1);
    if (!link) throw new Error("no sample");
    const rotated = { keys: [...ring(8).keys, ...keys.keys] };
    expect(readLink(signLink(link, keys), rotated)).toEqual(link);
    expect(readLink(signLink(link, rotated), keys)).toBeUndefined();
  });
});

describe("boxes", () => {
  it("give back any text, and show nothing of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 8 }), (text) => {
        const box = sealBox("form", text, keys);
        expect(openBox("form", box, keys)).toBe(text);
        expect(Buffer.from(box, "base64url").includes(Buffer.from(text))).toBe(false);
      }),
    );
  });

  it("stay closed for another purpose, another key, and with any changed character", () => {
    const box = sealBox("session", "Ada", keys);
    expect(openBox("form", box, keys)).toBeUndefined();
    expect(openBox("session", box, ring(7))).toBeUndefined();
    for (const forged of [...flips(box), box.slice(0, -1), `${box}=`, `${box}A`, "", "AAAA", "?"])
      expect(openBox("session", forged, keys), forged).toBeUndefined();
  });

  it("open under the older key after a change", () => {
    const box = sealBox("session", "Ada", keys);
    expect(openBox("session", box, { keys: [...ring(8).keys, ...keys.keys] })).toBe("Ada");
  });
});
