import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import { MINUTE_MS, msOf } from "../../shared/domain/time.ts";

/** A grant that the trail does not account for, although every record may be in its place. */
export interface Finding {
  readonly kind: "GrantWithoutIntent" | "GrantWithoutEnd";
  readonly subject: string;
  readonly sequence: number;
  readonly line: number;
  readonly sentence: string;
}

interface OpenGrant {
  readonly record: AuditRecord;
  readonly line: number;
  readonly endsAt: number;
}

/** The end is read back and recorded within minutes; longer than this is worth a look. */
const LATEST_END_RECORD_MS = 15 * MINUTE_MS;

/** Follows the grants of chain after chain: each needs an intent before it and, once its time is over, an end. */
export class GrantHistory {
  readonly #findings: Finding[] = [];
  readonly #open: OpenGrant[] = [];
  #intended = new Set<unknown>();
  #held: OpenGrant | undefined;
  #grants = 0;

  /** To be called before the first record of every chain, and at the end. */
  nextChain(): void {
    if (this.#held) this.#open.push(this.#held);
    this.#held = undefined;
    this.#intended = new Set();
  }

  take(record: AuditRecord, line: number): void {
    const { attempt, endsAt } = record.data;
    if (record.type === "GrantIntended") this.#intended.add(attempt);
    if (record.type === "RoleEnded") this.#held = undefined;
    if (record.type !== "RoleGranted") return;
    this.#grants++;
    if (!this.#intended.has(attempt))
      this.#findings.push(
        finding("GrantWithoutIntent", record, line, "the role was granted without an intent before it"),
      );
    if (this.#held) this.#open.push(this.#held);
    this.#held = { record, line, endsAt: typeof endsAt === "string" ? msOf(endsAt) : Number.NaN };
  }

  get grants(): number {
    return this.#grants;
  }

  /** What is not accounted for at this moment. */
  findings(nowMs: number): readonly Finding[] {
    const unended = this.#open
      .filter(({ endsAt }) => !(endsAt + LATEST_END_RECORD_MS > nowMs))
      .map(({ record, line }) =>
        finding("GrantWithoutEnd", record, line, "the time of the role is over, and no record says that it ended"),
      );
    return [...this.#findings, ...unended].toSorted((a, b) => a.line - b.line);
  }
}

const finding = (
  kind: Finding["kind"],
  { subject, sequence }: AuditRecord,
  line: number,
  sentence: string,
): Finding => ({ kind, subject, sequence, line, sentence });
