import { createReadStream } from "node:fs";
import { CopyWitness } from "../audit/copy-witness.ts";
import { linesOf } from "../audit/lines.ts";
import { badRecordText, isSound, reportText } from "../audit/report-text.ts";
import { trustedKeyIds } from "../audit/trusted-keys.ts";
import { verifyAudit, type AuditReport, type VerifyOptions } from "../audit/verify.ts";
import type { Command, CommandContext } from "../command.ts";
import { CliError, ExitCode, usageError } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";

interface FileReport extends AuditReport {
  readonly file: string;
}

export const auditVerify: Command = {
  name: "audit verify",
  summary: "check an exported audit trail, offline",
  details: `Checks every record of every chain: content against hash, hash against the next record, numbers without gap. Names the
first bad record of each file. Also finds grants without an intent before them, and grants whose time is over without
a record of their end. Exit code 1 if anything is wrong.

Checkpoints, signed every ten minutes, show that nothing was cut off, left out or made anew up to the last of them.
Name the key that you trust, from GET /api/audit/keys or as you noted it down: without one, the signatures prove only
that all is of one piece. What is newer than the last checkpoint is not covered, and somebody who cuts off records
together with the checkpoints over them shows only by comparison: note down number and hash of the last checkpoint, or
"heads", a digest of all chain ends.

With the copy that the service writes to append blobs (--copy), also what was changed or removed together with everything
that would show it: each record and checkpoint of the copy must be in the export as it was copied. Fetch the copy first
and the export after it; the blobs of all days go into one file, in the order of their names.`,
  operand: { name: "FILE", help: "JSON lines of zs audit export; - reads standard input", many: true },
  options: {
    partial: { help: "the export has a time range: chains may begin in the middle" },
    keys: { value: "FILE", help: "JWK set with the keys that may sign checkpoints" },
    "key-id": { value: "ID", help: "SHA-256 thumbprint of such a key; several with commas" },
    copy: { value: "FILE", help: "JSON lines of the copy, which the export must agree with" },
  },
  examples: [
    "zs audit verify audit.jsonl",
    "zs audit export | zs audit verify -",
    "zs audit verify --copy copy.jsonl audit.jsonl",
  ],
  run: async (input, { input: stdin, terminal }) => {
    const reports: FileReport[] = [];
    const copy = input.optional("copy");
    if (copy !== undefined && input.flag("partial")) throw usageError("--copy needs a whole export, not --partial");
    const options = {
      partial: input.flag("partial"),
      nowMs: Date.now(),
      trustedKeyIds: trustedKeyIds(input.optional("keys"), input.optional("key-id")),
    };
    for (const file of input.operands) reports.push(await verifyFile(file, copy, options, stdin));
    answer(terminal, reports, () => reports.flatMap((report) => reportText(report.file, report, terminal)));
    const unsound = reports.filter((report) => !isSound(report));
    if (unsound[0]) throw new CliError(ExitCode.Refused, "VerificationFailed", failure(unsound[0], unsound.length));
    return ExitCode.Ok;
  },
};

async function verifyFile(
  file: string,
  copy: string | undefined,
  options: VerifyOptions,
  stdin: CommandContext["input"],
): Promise<FileReport> {
  const witness =
    copy === undefined
      ? undefined
      : await reading(copy, () => CopyWitness.of(linesOf(createReadStream(copy)), options.trustedKeyIds));
  const chunks = (file === "-" ? stdin : createReadStream(file)) as AsyncIterable<Buffer>;
  return { file, ...(await reading(file, () => verifyAudit(linesOf(chunks), { ...options, witness }))) };
}

async function reading<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw usageError(`${file} cannot be read`);
    throw error;
  }
}

function failure({ file, firstBad, findings, copy }: FileReport, files: number): string {
  const [finding] = findings;
  const [difference] = copy?.differences ?? [];
  const bad = firstBad ?? (finding ? { ...finding, problem: finding.sentence } : undefined);
  const others = files > 1 ? ` (and ${files - 1} more files)` : "";
  return `verification failed: ${file} ${bad ? badRecordText(bad) : safeText(difference?.sentence ?? "")}${others}`;
}
