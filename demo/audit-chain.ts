import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/** One record of the audit export. */
export interface AuditRecord {
  readonly subject: string;
  readonly sequence: number;
  readonly type: string;
  readonly at: string;
  readonly actor: {
    readonly kind: string;
    readonly person?: string;
    readonly part?: string;
    readonly system?: string;
    readonly sender?: string;
  };
  readonly data: Readonly<Record<string, unknown>>;
  readonly previous: string;
  readonly hash: string;
}

export interface ChainReport {
  readonly records: number;
  readonly chains: number;
  /** Subject, number and fault of the first bad record. */
  readonly firstBad: string | undefined;
}

/** An export is checkpoints, then records, one a line. */
export const recordLines = (jsonLines: string): readonly string[] =>
  jsonLines.split("\n").filter((line) => line !== "" && !line.startsWith('{"checkpoint":'));

const START = "0".repeat(64);

/**
 * Verifies an export as an auditor would who trusts nobody: own code, after the written rule. Every record's hash is
 * SHA-256 over its canonical JSON (RFC 8785) without the hash itself; every record names the hash of the one before it.
 * Checkpoints are left to `zs`.
 */
export function verifyChains(jsonLines: string): ChainReport {
  const heads = new Map<string, { readonly sequence: number; readonly hash: string }>();
  const lines = recordLines(jsonLines);
  let firstBad: string | undefined;
  for (const line of lines) {
    const record = JSON.parse(line) as AuditRecord;
    const head = heads.get(record.subject) ?? { sequence: 0, hash: START };
    const fault = faultOf(record, head);
    if (fault !== undefined) firstBad ??= `${record.subject} #${record.sequence}: ${fault}`;
    heads.set(record.subject, { sequence: record.sequence, hash: record.hash });
  }
  return { records: lines.length, chains: heads.size, firstBad };
}

function faultOf(record: AuditRecord, head: { readonly sequence: number; readonly hash: string }): string | undefined {
  const { hash, ...body } = record;
  const expected = createHash("sha256")
    .update(canonicalize(body) ?? "")
    .digest("hex");
  if (hash !== expected) return "its content does not match its hash";
  if (record.sequence !== head.sequence + 1) return `number ${head.sequence + 1} is missing`;
  return record.previous === head.hash ? undefined : "it does not follow the record before it";
}
