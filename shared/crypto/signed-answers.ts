import { parseActivationId } from "../domain/ids.ts";
import type { ChangeId } from "../domain/change.ts";
import { canonicalJson, sha256Hex } from "./digest.ts";

/** The answers of one reviewer in one review, as one sign-in covers them among others. */
export interface SignedPart {
  readonly review: ChangeId;
  /** Digest of the review as it was opened. */
  readonly requestDigest: string;
  /** Number of the reviewer in that review. */
  readonly slot: number;
  readonly answersDigest: string;
}

const DIGEST = /^[0-9a-f]{64}$/;
const KEYS = ["answersDigest", "requestDigest", "review", "slot"];

/** Everything that one sign-in covers, as text: in one order, whoever lists it. */
export const partsText = (parts: readonly SignedPart[]): string =>
  canonicalJson(parts.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)));

/** What the sign-in's nonce is made of: the digest stands for every part. */
export const coveringContent = (text: string): string =>
  canonicalJson({ kind: "reviews", partsDigest: sha256Hex(text) });

/**
 * The parts of a text, if it is exactly what `partsText` makes of them: each reviewer's number in a review once, in
 * order, nothing beside them. `undefined` for everything else.
 */
export function readParts(text: string): readonly SignedPart[] | undefined {
  const parts = parsed(text);
  if (!Array.isArray(parts) || parts.length === 0 || !parts.every(isPart)) return undefined;
  const order = parts.map(orderOf);
  const isOrdered = order.every((one, index) => index === 0 || (order[index - 1] ?? "") < one);
  return isOrdered && canonicalJson(parts) === text ? parts : undefined;
}

/** The digest of the parts that a content names; `undefined`: it is not such a content. */
export function partsDigestIn(content: string): string | undefined {
  const { partsDigest } = (parsed(content) ?? {}) as { readonly partsDigest?: unknown };
  if (typeof partsDigest !== "string" || !DIGEST.test(partsDigest)) return undefined;
  return content === canonicalJson({ kind: "reviews", partsDigest }) ? partsDigest : undefined;
}

const orderOf = ({ review, slot }: SignedPart): string => `${review} ${String(slot).padStart(5, "0")}`;

function isPart(part: unknown): part is SignedPart {
  if (typeof part !== "object" || part === null || Object.keys(part).toSorted().join() !== KEYS.join()) return false;
  const { review, requestDigest, slot, answersDigest } = part as Readonly<Record<keyof SignedPart, unknown>>;
  return (
    typeof review === "string" &&
    parseActivationId(review) === review &&
    typeof slot === "number" &&
    Number.isInteger(slot) &&
    slot > 0 &&
    slot <= 65_535 &&
    [requestDigest, answersDigest].every((digest) => typeof digest === "string" && DIGEST.test(digest))
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON
  }
}
