import { ChainEnds } from "../../shared/crypto/chain-ends.ts";
import { checkpointProblem } from "../../shared/crypto/checkpoint.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import type { Instant } from "../../shared/domain/time.ts";

/** What the checkpoints of a file say, once each of them was checked. */
export interface CheckpointReport {
  readonly count: number;
  readonly lastAt: Instant;
  /** Number and hash of the newest: whoever notes them down sees later whether checkpoints were cut off. */
  readonly lastSequence: number;
  readonly lastHash: string;
  readonly keyIds: readonly string[];
  /** Whether the keys were compared with ones that were named from outside. */
  readonly trusted: boolean;
}

/** A record that a checkpoint names and the file does not have. */
interface MissingRecord {
  readonly line: number;
  readonly subject: string;
  readonly sequence: number;
  readonly problem: string;
}

interface Named {
  readonly sequence: number;
  readonly hash: string;
  readonly checkpoint: Checkpoint;
  readonly line: number;
}

/** Follows the checkpoints at the head of a file, then holds the records after them against what they name. */
export class CheckpointTrail {
  readonly #trustedKeyIds: ReadonlySet<string> | undefined;
  readonly #ends = ChainEnds.none();
  readonly #keyIds = new Set<string>();
  /** What is named and not yet seen, chain by chain, in the order of numbers. */
  readonly #named = new Map<string, Named[]>();
  #count = 0;
  #last: Checkpoint | undefined;

  constructor(trustedKeyIds: ReadonlySet<string> | undefined) {
    this.#trustedKeyIds = trustedKeyIds;
  }

  /** What is wrong with the checkpoint. */
  take(checkpoint: Checkpoint, line: number): string | undefined {
    const place = { before: this.#last, ends: this.#ends, trustedKeyIds: this.#trustedKeyIds };
    const problem = checkpointProblem(checkpoint, place);
    this.#count++;
    this.#last = checkpoint;
    this.#keyIds.add(checkpoint.keyId);
    for (const { subject, sequence, hash } of problem === undefined ? checkpoint.heads : []) {
      const named = this.#named.get(subject) ?? [];
      named.push({ sequence, hash, checkpoint, line });
      this.#named.set(subject, named);
    }
    return problem;
  }

  /** What is wrong with a record that is whole in itself: it is not the one that was there when a checkpoint was signed. */
  recordProblem({ subject, sequence, hash }: AuditRecord): string | undefined {
    const named = this.#named.get(subject) ?? [];
    while ((named[0]?.sequence ?? sequence) < sequence) named.shift();
    const [next] = named;
    if (next?.sequence !== sequence) return undefined;
    return hash === next.hash ? undefined : `${nameOf(next.checkpoint)} was signed over another record`;
  }

  /** Where a chain ended although a checkpoint names a later record. */
  endOfChain({ subject, sequence }: AuditRecord, line: number): MissingRecord | undefined {
    const missing = this.#named.get(subject)?.at(-1);
    this.#named.delete(subject);
    return missing && missing.sequence > sequence
      ? { line, subject, sequence, problem: `the chain ends here, but ${saysOf(missing)}` }
      : undefined;
  }

  /** Chains that checkpoints name and that are not in the file. */
  *missingChains(): Iterable<MissingRecord> {
    for (const [subject, named] of this.#named) {
      const last = named.at(-1);
      if (last)
        yield { line: last.line, subject, sequence: 1, problem: `the whole chain is missing, but ${saysOf(last)}` };
    }
  }

  get report(): CheckpointReport | null {
    if (!this.#last) return null;
    const { at, sequence, hash } = this.#last;
    return {
      count: this.#count,
      lastAt: at,
      lastSequence: sequence,
      lastHash: hash,
      keyIds: [...this.#keyIds],
      trusted: this.#trustedKeyIds !== undefined,
    };
  }
}

const nameOf = ({ sequence, at }: Checkpoint): string => `checkpoint ${sequence} of ${at}`;

const saysOf = ({ checkpoint, sequence }: Named): string => `${nameOf(checkpoint)} names its record ${sequence}`;
