import { compactDecrypt, CompactEncrypt, errors, importPKCS8, importSPKI } from "jose";
import { SignInProofSchema } from "../../contracts/sign-in-proof.ts";
import type { ProofOpener, ProofSealer } from "../../ports/sealing.ts";

const KEY_AGREEMENT = "ECDH-ES";
const CONTENT_ENCRYPTION = "A256GCM";

/** Encrypts proofs to the worker's public key (PEM, SPKI, P-256): JWE, so that the front cannot read them back. */
export function createProofSealer(publicKeyPem: string): ProofSealer {
  const key = importSPKI(publicKeyPem, KEY_AGREEMENT);
  key.catch(() => undefined); // a bad key is reported by the first `seal`, not as an unhandled rejection
  return {
    seal: async (proof) =>
      new CompactEncrypt(Buffer.from(JSON.stringify(proof)))
        .setProtectedHeader({ alg: KEY_AGREEMENT, enc: CONTENT_ENCRYPTION })
        .encrypt(await key),
  };
}

/** The worker's side (PEM, PKCS #8). What comes out was made by anybody who has the public key: only its form is checked. */
export function createProofOpener(privateKeyPem: string): ProofOpener {
  const key = importPKCS8(privateKeyPem, KEY_AGREEMENT);
  key.catch(() => undefined); // as above
  return {
    open: async (sealed) => {
      try {
        const { plaintext } = await compactDecrypt(sealed, await key, {
          keyManagementAlgorithms: [KEY_AGREEMENT],
          contentEncryptionAlgorithms: [CONTENT_ENCRYPTION],
        });
        return SignInProofSchema.safeParse(JSON.parse(Buffer.from(plaintext).toString())).data;
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
  };
}
