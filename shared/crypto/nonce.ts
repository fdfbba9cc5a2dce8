import { createHash } from "node:crypto";

/** What a sign-in is for. Each part is in the nonce, so the id token proves exactly this and nothing else. */
export interface SignInPurpose {
  readonly purpose: "stepUp" | "start" | "decision" | "resume" | "change" | "reviews";
  /** Digest of the frozen request, or of the freeze, as it was shown. */
  readonly requestDigest: string;
  /** Canonical JSON of the decision; `""` where there is none. */
  readonly content: string;
  /** 128 random bits or more, base64url. */
  readonly random: string;
}

/** The OpenID Connect nonce that binds a sign-in to its purpose: SHA-256 over length-prefixed parts, base64url. */
export function signInNonce({ purpose, requestDigest, content, random }: SignInPurpose): string {
  const hash = createHash("sha256").update("zero-standing sign-in 1\n");
  for (const part of [purpose, requestDigest, content, random]) hash.update(`${Buffer.byteLength(part)}:${part}\n`);
  return hash.digest("base64url");
}
