import { createHash } from "node:crypto";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Hash of one entry. The prefix keeps entries and inner nodes apart: neither can be passed off as the other. */
export const leafHash = (entry: Uint8Array | string): Buffer => sha256(LEAF, entry);

/**
 * Merkle tree hash over the leaf hashes, in their order. A node without a sibling moves up as it is, which gives the
 * same tree as the split at the largest power of two. @see https://www.rfc-editor.org/rfc/rfc6962#section-2.1
 */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  let level = leaves;
  while (level.length > 1) level = levelAbove(level);
  return Buffer.from(level[0] ?? sha256());
}

function levelAbove(level: readonly Uint8Array[]): readonly Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const [left, right] = level.slice(index, index + 2);
    if (left) above.push(right ? sha256(NODE, left, right) : left);
  }
  return above;
}
