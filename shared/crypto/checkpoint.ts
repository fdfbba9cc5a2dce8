import { createHash, createPublicKey, verify } from "node:crypto";
import type { Checkpoint, CheckpointBody, CheckpointKey } from "../domain/checkpoint.ts";
import type { Instant } from "../domain/time.ts";
import { CHAIN_START } from "./audit-chain.ts";
import type { ChainEnds } from "./chain-ends.ts";
import { canonicalJson, digestOf } from "./digest.ts";

/** SHA-256 thumbprint of a key (RFC 7638), base64url: its id. */
export const keyIdOf = ({ kty, crv, x, y }: CheckpointKey): string =>
  createHash("sha256").update(canonicalJson({ kty, crv, x, y })).digest("base64url");

/** The bytes that are signed. */
export const signedBytes = (body: CheckpointBody): Uint8Array => Buffer.from(canonicalJson(body));

/** The body of the checkpoint after `before`, for these chain ends. */
export const nextBody = (
  before: Pick<Checkpoint, "sequence" | "hash"> | undefined,
  ends: ChainEnds,
  at: Instant,
  keyId: string,
): CheckpointBody => ({
  version: 1,
  sequence: (before?.sequence ?? 0) + 1,
  at,
  chains: ends.size,
  root: ends.root(),
  previous: before?.hash ?? CHAIN_START,
  keyId,
});

/** Where a checkpoint has to fit in. */
export interface CheckpointPlace {
  readonly before: Checkpoint | undefined;
  /** As the checkpoints before this one have it; this one's are added here, whatever else is wrong with it. */
  readonly ends: ChainEnds;
  /** Ids of the keys that may sign; `undefined` = any, which proves only that all is of one piece. */
  readonly trustedKeyIds: ReadonlySet<string> | undefined;
}

/** What is wrong with a checkpoint in its place; `undefined` when nothing is. */
export function checkpointProblem(
  checkpoint: Checkpoint,
  { before, ends, trustedKeyIds }: CheckpointPlace,
): string | undefined {
  const backwards = takeHeads(checkpoint, ends);
  const unsigned = signatureProblem(checkpoint, trustedKeyIds);
  if (unsigned !== undefined) return unsigned;
  if (checkpoint.sequence !== (before?.sequence ?? 0) + 1)
    return `checkpoint ${(before?.sequence ?? 0) + 1} is missing or out of order`;
  if (checkpoint.previous !== (before?.hash ?? CHAIN_START)) return "it does not follow the checkpoint before it";
  if (backwards !== undefined) return `the end of chain ${backwards} does not move on`;
  return checkpoint.chains === ends.size && checkpoint.root === ends.root()
    ? undefined
    : "the chain ends that it lists are not those that it signs";
}

/** What is wrong with a checkpoint by itself, wherever it stands; `undefined` when nothing is. */
export function signatureProblem(
  checkpoint: Checkpoint,
  trustedKeyIds: ReadonlySet<string> | undefined,
): string | undefined {
  if (trustedKeyIds?.has(checkpoint.keyId) === false) return "it is signed with a key that is not trusted";
  if (!isSigned(checkpoint)) return "its signature is not that of its key";
  return digestOf(bodyOf(checkpoint)) === checkpoint.hash ? undefined : "its content does not match its hash";
}

/** What of a checkpoint is signed. */
export const bodyOf = ({ version, sequence, at, chains, root, previous, keyId }: Checkpoint): CheckpointBody => ({
  version,
  sequence,
  at,
  chains,
  root,
  previous,
  keyId,
});

/** Answers a chain whose end goes back or stays. */
function takeHeads({ heads }: Checkpoint, ends: ChainEnds): string | undefined {
  let backwards: string | undefined;
  for (const head of heads) {
    if (head.sequence <= (ends.get(head.subject)?.sequence ?? 0)) backwards ??= head.subject;
    else ends.set(head);
  }
  return backwards;
}

function isSigned(checkpoint: Checkpoint): boolean {
  const { key, keyId } = checkpoint;
  const signature = Buffer.from(checkpoint.signature, "base64url");
  if (keyIdOf(key) !== keyId || signature.toString("base64url") !== checkpoint.signature) return false;
  try {
    const publicKey = createPublicKey({ key: { ...key }, format: "jwk" });
    return verify("sha256", signedBytes(bodyOf(checkpoint)), { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false; // not a point of the curve
  }
}
