import { createPublicKey, sign, type KeyObject } from "node:crypto";
import type { CheckpointKey } from "../../domain/checkpoint.ts";
import type { Signer } from "../../ports/signer.ts";

/** Signs with a P-256 private key that the process holds. */
export const createPemSigner = (privateKey: KeyObject): Signer => ({
  publicKey: async () => jwkOf(createPublicKey(privateKey)),
  sign: async (bytes) => sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url"),
});

/** For a part of the app that only shows who signs. */
export const createKeyView = (publicKey: KeyObject): Pick<Signer, "publicKey"> => ({
  publicKey: async () => jwkOf(publicKey),
});

function jwkOf(publicKey: KeyObject): CheckpointKey {
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  return { kty: "EC", crv: "P-256", x, y };
}
