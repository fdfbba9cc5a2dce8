import { createHash } from "node:crypto";
import { recordProblem } from "../../shared/crypto/audit-chain.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import { msOf, type Instant } from "../../shared/domain/time.ts";
import { CheckpointTrail, type CheckpointReport } from "./checkpoint-trail.ts";
import type { CopyReport, CopyWitness } from "./copy-witness.ts";
import { GrantHistory, type Finding } from "./grant-history.ts";
import type { Line } from "./lines.ts";
import { readLine } from "./read-record.ts";

/** A record that is not what or where it must be; subject and number are `null` where the line does not say. */
export interface BadRecord {
  readonly line: number;
  readonly subject: string | null;
  readonly sequence: number | null;
  readonly problem: string;
}

export interface AuditReport {
  readonly records: number;
  readonly chains: number;
  readonly grants: number;
  readonly firstAt: Instant | null;
  readonly lastAt: Instant | null;
  readonly firstBad: BadRecord | null;
  readonly badRecords: number;
  readonly findings: readonly Finding[];
  /** `null`: the file has none. */
  readonly checkpoints: CheckpointReport | null;
  /** How the file compares with a copy of the trail; `null`: with none. */
  readonly copy: CopyReport | null;
  /** SHA-256 over the last record of every chain: two exports with the same one hold the same trail. */
  readonly heads: string;
}

export interface VerifyOptions {
  /** For an export of a time range: chains may begin in the middle, and grants are not followed. */
  readonly partial: boolean;
  readonly nowMs: number;
  /** Ids of the keys that may sign checkpoints, of which there must then be some; `undefined` = any key. */
  readonly trustedKeyIds?: ReadonlySet<string> | undefined;
  /** What a copy of the trail says; used up by one file. */
  readonly witness?: CopyWitness | undefined;
}

/**
 * Checks an export line by line, holding one chain's last record at a time: the export is ordered by subject and
 * number. A chain that lost its end, or was left out or wholly made anew, is seen by the checkpoints that come before
 * the records; what is newer than the last checkpoint is not covered by them: compare `heads`.
 */
export async function verifyAudit(
  lines: AsyncIterable<Line> | Iterable<Line>,
  options: VerifyOptions,
): Promise<AuditReport> {
  const check = new AuditCheck(options);
  for await (const line of lines) check.take(line);
  return check.report();
}

class AuditCheck {
  readonly #options: VerifyOptions;
  readonly #checkpoints: CheckpointTrail;
  readonly #grants = new GrantHistory();
  readonly #heads = createHash("sha256");
  #before: AuditRecord | undefined;
  #beforeLine = 0;
  /** The line before could not be read, so nothing is known of what stood there. */
  #gap = false;
  #records = 0;
  #chains = 0;
  #firstAt: Instant | null = null;
  #lastAt: Instant | null = null;
  #firstBad: BadRecord | null = null;
  #badRecords = 0;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#checkpoints = new CheckpointTrail(options.trustedKeyIds);
  }

  take(line: Line): void {
    const read = readLine(line);
    if ("checkpoint" in read) {
      this.#takeCheckpoint(read.checkpoint, line.number);
      return;
    }
    this.#records++;
    if ("problem" in read) {
      this.#bad({ line: line.number, subject: null, sequence: null, problem: read.problem });
      this.#gap = true;
      return;
    }
    const { record } = read;
    this.#options.witness?.seeRecord(record);
    const problem = this.#problemOf(record);
    if (problem !== undefined)
      this.#bad({ line: line.number, subject: record.subject, sequence: record.sequence, problem });
    this.#follow(record, line.number);
  }

  #takeCheckpoint(checkpoint: Checkpoint, line: number): void {
    this.#options.witness?.seeCheckpoint(checkpoint);
    const problem =
      this.#checkpoints.take(checkpoint, line) ??
      (this.#records > 0 ? "checkpoints come before the records" : undefined);
    if (problem !== undefined)
      this.#bad({ line, subject: null, sequence: null, problem: `checkpoint ${checkpoint.sequence}: ${problem}` });
  }

  report(): AuditReport {
    this.#endChain();
    if (!this.#options.partial) for (const missing of this.#checkpoints.missingChains()) this.#bad(missing);
    const newest = this.#lastAt === null ? 0 : msOf(this.#lastAt);
    return {
      records: this.#records,
      chains: this.#chains,
      grants: this.#grants.grants,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      firstBad: this.#firstBad ?? this.#emptyProblem(),
      badRecords: this.#badRecords,
      checkpoints: this.#checkpoints.report,
      copy: this.#options.witness?.report() ?? null,
      findings: this.#options.partial ? [] : this.#grants.findings(Math.max(newest, this.#options.nowMs)),
      heads: this.#heads.digest("hex"),
    };
  }

  /** An empty or unsigned trail proves nothing, so it does not pass for a whole or signed one. */
  #emptyProblem(): BadRecord | null {
    if (this.#options.partial) return null;
    const bad = (problem: string): BadRecord => ({ line: 1, subject: null, sequence: null, problem });
    if (this.#records === 0) return bad("there are no records");
    const isUnsigned = this.#options.trustedKeyIds !== undefined && this.#checkpoints.report === null;
    return isUnsigned ? bad("there is no checkpoint") : null;
  }

  #problemOf(record: AuditRecord): string | undefined {
    return this.#chainProblem(record) ?? (this.#options.partial ? undefined : this.#checkpoints.recordProblem(record));
  }

  #chainProblem(record: AuditRecord): string | undefined {
    const before = this.#before;
    if (this.#gap) return safeRecordProblem(record, predecessorAsNamed(record));
    if (before?.subject === record.subject) return safeRecordProblem(record, before);
    const anyStart = this.#options.partial && record.sequence > 1;
    return (
      safeRecordProblem(record, anyStart ? predecessorAsNamed(record) : undefined) ??
      (before !== undefined && exportOrder(record.subject) <= exportOrder(before.subject)
        ? "its chain comes a second time or out of order"
        : undefined)
    );
  }

  #follow(record: AuditRecord, line: number): void {
    if (this.#before?.subject !== record.subject) {
      this.#endChain();
      this.#chains++;
    }
    this.#before = record;
    this.#beforeLine = line;
    this.#gap = false;
    this.#grants.take(record, line);
    if (this.#firstAt === null || record.at < this.#firstAt) this.#firstAt = record.at;
    if (this.#lastAt === null || record.at > this.#lastAt) this.#lastAt = record.at;
  }

  #endChain(): void {
    this.#grants.nextChain();
    if (this.#before === undefined) return;
    const { subject, sequence, hash } = this.#before;
    const missing = this.#checkpoints.endOfChain(this.#before, this.#beforeLine);
    if (missing && !this.#options.partial) this.#bad(missing);
    this.#heads.update(`${JSON.stringify([subject, sequence, hash])}\n`);
  }

  #bad(record: BadRecord): void {
    this.#firstBad ??= record;
    this.#badRecords++;
  }
}

/** Where nothing is known of the record before, the record's own word is taken for it. */
const predecessorAsNamed = (record: AuditRecord): AuditRecord | undefined =>
  record.sequence === 1 ? undefined : { ...record, sequence: record.sequence - 1, hash: record.previous };

/** Some JSON has no canonical form (half of a surrogate pair). */
function safeRecordProblem(record: AuditRecord, before: AuditRecord | undefined): string | undefined {
  try {
    return recordProblem(record, before);
  } catch {
    return "its content has no canonical form";
  }
}

/** Subjects come in the order of the keys that they are stored under: other bytes than these as `_` and two digits. */
const exportOrder = (subject: string): string =>
  subject.replaceAll(
    /[^A-Za-z0-9-]/gu,
    (character) => `_${Buffer.from(character).toString("hex").match(/../g)?.join("_") ?? ""}`,
  );
