import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leafHash, merkleRoot } from "../../../../shared/crypto/merkle.ts";

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** The definition of RFC 6962 word for word: split at the largest power of two below the length. */
function definedRoot(entries: readonly Uint8Array[]): Buffer {
  const [only] = entries;
  if (!only) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), only);
  const split = 2 ** Math.ceil(Math.log2(entries.length) - 1);
  return sha256(Buffer.of(1), definedRoot(entries.slice(0, split)), definedRoot(entries.slice(split)));
}

const rootOf = (entries: readonly Uint8Array[]): string => merkleRoot(entries.map(leafHash)).toString("hex");

/** Entries and roots of the tests of Certificate Transparency. */
const ENTRIES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map((hex) => Buffer.from(hex, "hex"));
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

describe("merkleRoot", () => {
  it.each(ROOTS.map((root, count) => [count, root] as const))("gives the known root of %s entries", (count, root) => {
    expect(rootOf(ENTRIES.slice(0, count))).toBe(root);
  });

  it("is the tree of RFC 6962 for any entries", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 }), (entries) => {
        expect(rootOf(entries)).toBe(definedRoot(entries).toString("hex"));
      }),
    );
  });

  it("does not take an inner node for an entry", () => {
    const [left, right] = ENTRIES.slice(0, 2).map(leafHash);
    expect(rootOf([Buffer.concat([left ?? Buffer.of(), right ?? Buffer.of()])])).not.toBe(ROOTS[2]);
  });
});
