import { signatureProblem } from "../../shared/crypto/checkpoint.ts";
import { digestOf } from "../../shared/crypto/digest.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import type { Line } from "./lines.ts";
import { readLine } from "./read-record.ts";

/** What an export lacks or shows differently than the copy of the trail, or a line of the copy that proves nothing. */
export interface Difference {
  /** `null`: a checkpoint, or a line that cannot be read. */
  readonly subject: string | null;
  readonly sequence: number | null;
  readonly sentence: string;
}

export interface CopyReport {
  readonly records: number;
  readonly checkpoints: number;
  /** Records of the export that the copy does not have: newer ones, unless only a part of the copy was given. */
  readonly notInCopy: number;
  readonly differenceCount: number;
  /** The first of them. */
  readonly differences: readonly Difference[];
}

const MOST_DIFFERENCES = 20;

/**
 * What a copy of the trail bears witness to. It keeps a hash for each record of the copy, until the export shows it: a
 * hundred bytes each. Lines may repeat.
 */
export class CopyWitness {
  /** Chain by chain, number by number: what is still to be shown. */
  readonly #records = new Map<string, Map<number, string>>();
  readonly #checkpoints = new Map<number, string>();
  readonly #trustedKeyIds: ReadonlySet<string> | undefined;
  readonly #differences: Difference[] = [];
  #differenceCount = 0;
  #recordCount = 0;
  #checkpointCount = 0;
  #notInCopy = 0;

  private constructor(trustedKeyIds: ReadonlySet<string> | undefined) {
    this.#trustedKeyIds = trustedKeyIds;
  }

  /** Reads a whole copy: the blobs of all days, one after another. */
  static async of(
    lines: AsyncIterable<Line> | Iterable<Line>,
    trustedKeyIds: ReadonlySet<string> | undefined,
  ): Promise<CopyWitness> {
    const witness = new CopyWitness(trustedKeyIds);
    for await (const line of lines) witness.#take(line);
    return witness;
  }

  /** To be called for every record of the export. */
  seeRecord({ subject, sequence, hash }: AuditRecord): void {
    const copied = this.#records.get(subject)?.get(sequence);
    if (copied === undefined) this.#notInCopy++;
    else if (copied !== packed(hash)) this.#differ(subject, sequence, "is another one than in the copy");
    this.#records.get(subject)?.delete(sequence);
  }

  /** To be called for every checkpoint of the export. */
  seeCheckpoint({ sequence, hash }: Checkpoint): void {
    const copied = this.#checkpoints.get(sequence);
    if (copied !== undefined && copied !== hash) this.#differ(null, sequence, "is another one than in the copy");
    this.#checkpoints.delete(sequence);
  }

  /** Once all of the export was shown. */
  report(): CopyReport {
    if (this.#recordCount === 0) this.#differ(null, null, "there are no records in the copy");
    for (const sequence of this.#checkpoints.keys())
      this.#differ(null, sequence, "is in the copy and missing in the export");
    for (const [subject, missing] of this.#records)
      for (const sequence of missing.keys())
        this.#differ(subject, sequence, "is in the copy and missing in the export");
    return {
      records: this.#recordCount,
      checkpoints: this.#checkpointCount,
      notInCopy: this.#notInCopy,
      differenceCount: this.#differenceCount,
      differences: this.#differences,
    };
  }

  #take(line: Line): void {
    const read = readLine(line);
    if ("problem" in read) this.#differ(null, null, `line ${line.number} of the copy: ${read.problem}`);
    else if ("checkpoint" in read) this.#takeCheckpoint(read.checkpoint, line.number);
    else this.#takeRecord(read.record, line.number);
  }

  #takeRecord(record: AuditRecord, line: number): void {
    const { subject, sequence, hash } = record;
    if (!isWhole(record)) {
      this.#differ(subject, sequence, `does not match its hash in line ${line} of the copy`);
      return;
    }
    const chain = this.#records.get(subject) ?? new Map<number, string>();
    const before = chain.get(sequence);
    if (before === undefined) {
      this.#recordCount++;
      this.#records.set(subject, chain.set(sequence, packed(hash)));
    } else if (before !== packed(hash))
      this.#differ(subject, sequence, `was copied again in another form, line ${line}`);
  }

  #takeCheckpoint(checkpoint: Checkpoint, line: number): void {
    const { sequence, hash } = checkpoint;
    const problem = signatureProblem(checkpoint, this.#trustedKeyIds);
    const before = this.#checkpoints.get(sequence);
    if (problem !== undefined) this.#differ(null, sequence, `in line ${line} of the copy: ${problem}`);
    else if (before === undefined) {
      this.#checkpointCount++;
      this.#checkpoints.set(sequence, hash);
    } else if (before !== hash) this.#differ(null, sequence, `was copied again in another form, line ${line}`);
  }

  #differ(subject: string | null, sequence: number | null, problem: string): void {
    this.#differenceCount++;
    const what = subject === null ? `checkpoint ${sequence ?? ""}` : `record ${sequence ?? ""} of ${subject}`;
    const sentence = sequence === null ? problem : `${what} ${problem}`;
    if (this.#differences.length < MOST_DIFFERENCES) this.#differences.push({ subject, sequence, sentence });
  }
}

/** Half the memory of the hexadecimal text. */
const packed = (hash: string): string => Buffer.from(hash, "hex").toString("latin1");

function isWhole({ hash, ...body }: AuditRecord): boolean {
  try {
    return digestOf(body) === hash;
  } catch {
    return false; // no canonical form
  }
}
