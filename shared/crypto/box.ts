import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { LinkKeys } from "./link.ts";

/** What we let a browser keep for us; a box of one purpose is worthless for another. */
export type BoxPurpose = "session" | "signIn" | "form";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Text that only we can read and nobody can change: AES-256-GCM under a key derived from the first link key; base64url. */
export function sealBox(purpose: BoxPurpose, text: string, keys: LinkKeys): string {
  const [key] = keys.keys;
  if (!key) throw new Error("no link key");
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", boxKey(key.secret, purpose), iv);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(key.id), iv, body, cipher.getAuthTag()]).toString("base64url");
}

/** The text of a box that one of the keys made for this purpose; `undefined` for everything else. */
export function openBox(purpose: BoxPurpose, box: string, keys: LinkKeys): string | undefined {
  const bytes = Buffer.from(box, "base64url");
  const key = keys.keys.find(({ id }) => id === bytes[0]);
  if (!key || bytes.length < 1 + IV_BYTES + TAG_BYTES || bytes.toString("base64url") !== box) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", boxKey(key.secret, purpose), bytes.subarray(1, 1 + IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return decipher.update(bytes.subarray(1 + IV_BYTES, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  } catch {
    return undefined; // not made by us, or changed
  }
}

const boxKey = (secret: Uint8Array, purpose: BoxPurpose): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, "", `zero-standing box 1 ${purpose}`, 32));
