import type { KeyObject } from "node:crypto";
import { compactDecrypt, CompactEncrypt, errors } from "jose";
import { SignInProofSchema } from "../../contracts/sign-in-proof.ts";
import type { ProofOpener, ProofSealer } from "../../ports/sealing.ts";

const KEY_AGREEMENT = "ECDH-ES";
const CONTENT_ENCRYPTION = "A256GCM";

/** Encrypts proofs to the worker's public key (P-256): JWE, so that the front cannot read them back. */
export const createProofSealer = (publicKey: KeyObject): ProofSealer => ({
  seal: (proof) =>
    new CompactEncrypt(Buffer.from(JSON.stringify(proof)))
      .setProtectedHeader({ alg: KEY_AGREEMENT, enc: CONTENT_ENCRYPTION })
      .encrypt(publicKey),
});

/** The worker's side. What comes out was made by anybody who has the public key: only its form is checked. */
export const createProofOpener = (privateKey: KeyObject): ProofOpener => ({
  open: async (sealed) => {
    try {
      const { plaintext } = await compactDecrypt(sealed, privateKey, {
        keyManagementAlgorithms: [KEY_AGREEMENT],
        contentEncryptionAlgorithms: [CONTENT_ENCRYPTION],
      });
      return SignInProofSchema.safeParse(JSON.parse(Buffer.from(plaintext).toString())).data;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  },
});
