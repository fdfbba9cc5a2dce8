import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/** Canonical JSON (RFC 8785). @throws TypeError for what JSON cannot say (undefined, NaN, functions at the top) */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("not a JSON value");
  return text;
}

/** SHA-256, lower-case hexadecimal. */
export const sha256Hex = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** Digest of a plain value: what people sign in for, and what decisions are bound to. */
export const digestOf = (value: unknown): string => sha256Hex(canonicalJson(value));
