import { ChainEnds } from "../../shared/crypto/chain-ends.ts";
import { keyIdOf, nextBody, signedBytes } from "../../shared/crypto/checkpoint.ts";
import { digestOf } from "../../shared/crypto/digest.ts";
import type { ChainEnd, Checkpoint } from "../../shared/domain/checkpoint.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Checkpoints } from "../../shared/ports/checkpoints.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Signer } from "../../shared/ports/signer.ts";
import { copyTrail, type Copyist } from "../audit/copy-trail.ts";

/** What checkpoints are written with. */
export interface Notary extends Copyist {
  readonly audit: Pick<AuditLog, "heads" | "chain">;
  readonly checkpoints: Checkpoints;
  readonly signer: Signer | undefined;
  readonly clock: Clock;
}

/** As many as one row and one line hold, however long the subjects are; what is left comes into the next checkpoint. */
const MOST_HEADS = 300;

/** Every ten minutes: signs a checkpoint, then copies it with what is under it. A run without a copy is no run that went well. */
export function writeCheckpoint(notary: Notary): () => Promise<void> {
  const sign = signTrail(notary);
  const copy = copyTrail(notary);
  return async () => {
    try {
      await sign();
    } finally {
      await copy(); // what was signed before
    }
  };
}

/**
 * Signs where each chain of the audit trail ends. Nothing new, no checkpoint. Where another instance
 * was faster, this one leaves it at that. What was signed is remembered, so only the newest checkpoints are read.
 */
function signTrail({ audit, checkpoints, signer, clock, log }: Notary): () => Promise<void> {
  let ends = ChainEnds.none();
  let last: Checkpoint | undefined;
  let saidThatThereIsNoKey = false;

  const take = (checkpoint: Checkpoint): void => {
    ends = ends.with(checkpoint.heads);
    last = checkpoint;
  };

  const append = async (by: Signer, heads: readonly ChainEnd[]): Promise<boolean> => {
    const checkpoint = await signed(by, heads);
    if (!(await checkpoints.append(checkpoint))) return false;
    take(checkpoint);
    // The log is kept elsewhere: it bears witness to a checkpoint that is gone from the table.
    log("info", "checkpoint", { sequence: checkpoint.sequence, hash: checkpoint.hash });
    return true;
  };

  const signed = async (by: Signer, heads: readonly ChainEnd[]): Promise<Checkpoint> => {
    const key = await by.publicKey();
    const body = nextBody(last, ends.with(heads), clock.now(), keyIdOf(key));
    return { ...body, hash: digestOf(body), signature: await by.sign(signedBytes(body)), key, heads };
  };

  return async () => {
    if (!signer) {
      if (!saidThatThereIsNoKey) log("warn", "no CHECKPOINT_KEY: the audit trail gets no checkpoints");
      saidThatThereIsNoKey = true;
      return;
    }
    for await (const checkpoint of checkpoints.read(last?.sequence ?? 0)) take(checkpoint);
    const { grown, cut } = await compare(audit, ends);
    if (cut.length > 0) log("error", "the audit trail was cut or changed", { chains: cut.slice(0, 20) });
    for (let from = 0; from < grown.length; from += MOST_HEADS)
      if (!(await append(signer, grown.slice(from, from + MOST_HEADS)))) return;
  };
}

/** What grew since the last checkpoint; and what is not as it was signed, which no later checkpoint takes over. */
async function compare(
  audit: Pick<AuditLog, "heads">,
  signedEnds: ChainEnds,
): Promise<{ readonly grown: readonly ChainEnd[]; readonly cut: readonly string[] }> {
  const grown: ChainEnd[] = [];
  const whole = new Set<string>();
  for await (const head of audit.heads()) {
    const before = signedEnds.get(head.subject);
    if (head.sequence > (before?.sequence ?? 0)) grown.push(head);
    if (before && head.sequence >= before.sequence && (head.sequence > before.sequence || head.hash === before.hash))
      whole.add(head.subject);
  }
  return { grown, cut: signedEnds.subjects().filter((subject) => !whole.has(subject)) };
}
