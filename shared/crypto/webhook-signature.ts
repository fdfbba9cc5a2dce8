import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Two secrets may be valid at once, for rotation. */
type Secrets = readonly string[];

const equal = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** HMAC-SHA256 over the text or bytes. */
const hmac = (secret: string, ...parts: readonly (string | Uint8Array)[]): Buffer => {
  const mac = createHmac("sha256", secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/**
 * Jira: `X-Hub-Signature: sha256=<hex>` over the raw body.
 * @see https://developer.atlassian.com/cloud/jira/platform/webhooks/
 */
export function isSignedByJira(header: string | null, body: Uint8Array, secrets: Secrets): boolean {
  const digest = /^sha256=([0-9a-f]{64})$/i.exec(header ?? "")?.[1];
  return digest !== undefined && secrets.some((secret) => equal(Buffer.from(digest, "hex"), hmac(secret, body)));
}

const SKEW_SECONDS = 300;

/**
 * Our contract for ServiceNow: `X-Jit-Signature: v1=<digest>` over `<timestamp>.<raw body>`, the timestamp in
 * `X-Jit-Timestamp` (Unix seconds) not more than five minutes off. The digest is base64 (what its script API makes) or hex.
 */
export function isSignedByServiceNow(
  headers: { readonly signature: string | null; readonly timestamp: string | null },
  body: Uint8Array,
  secrets: Secrets,
  encoding: "base64" | "hex",
  nowMs: number,
): boolean {
  const digest = /^v1=([A-Za-z0-9+/=]{43,64})$/.exec(headers.signature ?? "")?.[1];
  const timestamp = /^\d{1,12}$/.exec(headers.timestamp ?? "")?.[0];
  if (digest === undefined || timestamp === undefined) return false;
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > SKEW_SECONDS) return false;
  const given = Buffer.from(digest, encoding);
  return secrets.some((secret) => equal(given, hmac(secret, `${timestamp}.`, body)));
}

/** Jira Automation cannot sign: a long secret in a header, compared in constant time. */
export function isSharedSecret(header: string | null, secrets: Secrets): boolean {
  const hashed = (text: string): Buffer => createHash("sha256").update(text).digest();
  return header !== null && header !== "" && secrets.some((secret) => equal(hashed(header), hashed(secret)));
}
