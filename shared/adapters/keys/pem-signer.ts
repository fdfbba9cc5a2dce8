import { createPublicKey, sign, type KeyObject } from "node:crypto";
import type { CheckpointKey } from "../../domain/checkpoint.ts";
import type { Signer } from "../../ports/signer.ts";

/** Signs with a P-256 private key that the process holds. */
export const createPemSigner = (privateKey: KeyObject): Signer => ({
  publicKey: publicJwk(createPublicKey(privateKey)),
  sign: async (bytes) => sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url"),
});

/** The public half, as it stands in a checkpoint. */
export const publicJwk = (publicKey: KeyObject) => async (): Promise<CheckpointKey> => {
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  return { kty: "EC", crv: "P-256", x, y };
};
