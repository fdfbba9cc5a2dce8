import { createHmac, timingSafeEqual } from "node:crypto";
import type { MacPurpose, Sealing } from "../../ports/sealing.ts";

/** Keys of 32 bytes or more; ids are 0 to 255. */
interface MacKeys {
  readonly keys: readonly MacKey[];
}

interface MacKey {
  readonly id: number;
  readonly secret: Uint8Array;
}

/** HMAC-SHA256 under the first key; MACs of every key listed are valid, so that keys can be changed without a gap. */
export function createSealing({ keys }: MacKeys): Sealing {
  const [current] = keys;
  if (!current) throw new Error("no MAC key");
  if (keys.some(({ secret }) => secret.length < 32)) throw new Error("a MAC key is shorter than 32 bytes");
  const byId = new Map(keys.map((key) => [`${key.id}`, key]));
  return {
    mac: (purpose, text) => `${current.id}.${macOf(current, purpose, text).toString("base64url")}`,
    verify: (purpose, text, mac) => {
      const [id = "", given = "", ...rest] = mac.split(".");
      const key = byId.get(id);
      if (!key || rest.length > 0) return false;
      const expected = Buffer.from(macOf(key, purpose, text).toString("base64url"));
      const actual = Buffer.from(given);
      return actual.length === expected.length && timingSafeEqual(actual, expected);
    },
  };
}

/** No purpose contains a line break, so no text can pass for another purpose. */
const macOf = (key: MacKey, purpose: MacPurpose, text: string): Buffer =>
  createHmac("sha256", key.secret).update(`zero-standing mac 1\n${purpose}\n`).update(text, "utf8").digest();
