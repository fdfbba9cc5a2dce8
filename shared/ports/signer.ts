import type { CheckpointKey } from "../domain/checkpoint.ts";

/** A P-256 key that signs and is never given out. */
export interface Signer {
  publicKey(): Promise<CheckpointKey>;
  /** ES256 (`r` and `s`, 32 bytes each) over the bytes, base64url. */
  sign(bytes: Uint8Array): Promise<string>;
}
