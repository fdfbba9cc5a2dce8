import { createHmac, timingSafeEqual } from "node:crypto";
import { parseActivationId, type ActivationId } from "../domain/ids.ts";

/** What a link is for: `stepUp` and `start` for the requester (slot 0), `decide` for an approver. */
export type LinkPurpose = "stepUp" | "decide" | "start" | "change";

export interface Link {
  readonly purpose: LinkPurpose;
  readonly activationId: ActivationId;
  /** Number of the person within the request; 0 is the requester. */
  readonly slot: number;
  readonly expiresAtSeconds: number;
}

/** Two keys may be valid at once; the first one signs. Keys are 32 bytes or more; ids are 0 to 255. */
export interface LinkKeys {
  readonly keys: readonly { readonly id: number; readonly secret: Uint8Array }[];
}

const VERSION = 1;
const PURPOSES: readonly LinkPurpose[] = ["stepUp", "decide", "start", "change"];
const BODY_BYTES = 25;
const MAC_BYTES = 16;

/** The opaque token of `/l/<token>`: 55 characters of base64url, no JWT. */
export function signLink(link: Link, keys: LinkKeys): string {
  const [key] = keys.keys;
  if (!key) throw new Error("no link key");
  const body = Buffer.alloc(BODY_BYTES);
  body.writeUInt8(VERSION, 0);
  body.writeUInt8(key.id, 1);
  body.writeUInt8(PURPOSES.indexOf(link.purpose), 2);
  body.write(link.activationId, 3, "hex");
  body.writeUInt16BE(link.slot, 19);
  body.writeUInt32BE(link.expiresAtSeconds, 21);
  return Buffer.concat([body, macOf(body, key.secret)]).toString("base64url");
}

/** The link, if the token is whole and ours; says nothing about its age. `undefined` for everything else. */
export function readLink(token: string, keys: LinkKeys): Link | undefined {
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length !== BODY_BYTES + MAC_BYTES || bytes.toString("base64url") !== token) return undefined;
  const body = bytes.subarray(0, BODY_BYTES);
  const key = keys.keys.find((candidate) => candidate.id === body.readUInt8(1));
  if (!key || !timingSafeEqual(bytes.subarray(BODY_BYTES), macOf(body, key.secret))) return undefined;
  const purpose = PURPOSES[body.readUInt8(2)];
  const activationId = parseActivationId(body.toString("hex", 3, 19));
  if (body.readUInt8(0) !== VERSION || !purpose || !activationId) return undefined;
  return { purpose, activationId, slot: body.readUInt16BE(19), expiresAtSeconds: body.readUInt32BE(21) };
}

const macOf = (body: Uint8Array, secret: Uint8Array): Buffer =>
  createHmac("sha256", secret).update("zero-standing link 1\n").update(body).digest().subarray(0, MAC_BYTES);
