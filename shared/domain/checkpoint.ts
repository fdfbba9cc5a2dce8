import type { Instant } from "./time.ts";

/** The last record of one chain of the audit trail. */
export interface ChainEnd {
  readonly subject: string;
  readonly sequence: number;
  readonly hash: string;
}

/** The public half of a P-256 key, as a JWK. */
export interface CheckpointKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
}

/** What is signed: ES256 over its canonical form. */
export interface CheckpointBody {
  readonly version: 1;
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly at: Instant;
  /** Number of chains under the root. */
  readonly chains: number;
  /** RFC 6962 Merkle root over the ends of all chains, ordered by subject; hexadecimal. */
  readonly root: string;
  /** Hash of the checkpoint before; zeros for the first. */
  readonly previous: string;
  /** SHA-256 thumbprint (RFC 7638) of the key that signs. */
  readonly keyId: string;
}

/** A signed statement of where every chain of the audit trail ended at one moment. */
export interface Checkpoint extends CheckpointBody {
  /** Digest of the body. */
  readonly hash: string;
  /** base64url. */
  readonly signature: string;
  /** The key itself, so that an export can be checked without anything else; its thumbprint is what is trusted. */
  readonly key: CheckpointKey;
  /** The chain ends that are new since the checkpoint before: all of them together, up to here, give the root. */
  readonly heads: readonly ChainEnd[];
}
