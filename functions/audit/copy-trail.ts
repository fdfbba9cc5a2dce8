import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import type { AuditCopy } from "../../shared/ports/audit-copy.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Checkpoints } from "../../shared/ports/checkpoints.ts";
import type { Log } from "../worker.ts";

/** What the trail is copied with. */
export interface Copyist {
  readonly audit: Pick<AuditLog, "chain">;
  readonly checkpoints: Pick<Checkpoints, "read">;
  /** `undefined`: nothing is copied. */
  readonly copy: AuditCopy | undefined;
  readonly log: Log;
}

/**
 * Copies every checkpoint that the copy does not have yet, each behind the records that are new since the one before.
 * What failed is caught up by the next run. May run twice: lines may repeat, none is lost. @throws what the copy fails with
 */
export function copyTrail({ audit, checkpoints, copy, log }: Copyist): () => Promise<void> {
  /** The last number of each chain up to the checkpoint `position`. */
  const ends = new Map<string, number>();
  let position = 0;
  let saidThatThereIsNone = false;

  async function* recordsUnder({ heads }: Checkpoint): AsyncGenerator<AuditRecord> {
    for (const { subject, sequence } of heads) yield* audit.chain(subject, ends.get(subject) ?? 0, sequence);
  }

  const take = ({ sequence, heads }: Checkpoint): void => {
    for (const head of heads) ends.set(head.subject, Math.max(head.sequence, ends.get(head.subject) ?? 0));
    position = sequence;
  };

  /** The number up to which all is copied. A trail that is not the one that was copied is copied from its beginning. */
  const copiedUpTo = async (to: AuditCopy): Promise<number> => {
    const last = await to.last();
    if (!last || last.sequence === position || (await has(checkpoints, last))) return last?.sequence ?? 0;
    log("error", "the checkpoints were cut or made anew since they were copied", { sequence: last.sequence });
    return 0;
  };

  const catchUp = async (to: AuditCopy): Promise<void> => {
    const copied = await copiedUpTo(to);
    if (copied < position) {
      ends.clear();
      position = 0;
    }
    for await (const checkpoint of checkpoints.read(position)) {
      if (checkpoint.sequence > copied) await to.append(recordsUnder(checkpoint), checkpoint);
      take(checkpoint);
    }
  };

  return async () => {
    if (!copy) {
      if (!saidThatThereIsNone) log("warn", "no AUDIT_COPY_URL: the audit trail has no copy out of reach");
      saidThatThereIsNone = true;
      return;
    }
    try {
      await catchUp(copy);
    } catch (error) {
      log("error", "the audit trail was not copied", { error: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  };
}

async function has(
  checkpoints: Pick<Checkpoints, "read">,
  { sequence, hash }: Pick<Checkpoint, "sequence" | "hash">,
): Promise<boolean> {
  for await (const checkpoint of checkpoints.read(sequence - 1))
    return checkpoint.sequence === sequence && checkpoint.hash === hash;
  return false;
}
