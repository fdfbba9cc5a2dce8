import { createReadStream } from "node:fs";
import { linesOf } from "../audit/lines.ts";
import { badRecordText, isSound, reportText } from "../audit/report-text.ts";
import { verifyAudit, type AuditReport } from "../audit/verify.ts";
import type { Command, CommandContext } from "../command.ts";
import { CliError, ExitCode, usageError } from "../exit-code.ts";
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

A file alone cannot show that the newest records of a chain were cut off, or that a whole chain was left out or made
anew: "heads" is a digest of all chain ends, to be compared with what others noted down.`,
  operand: { name: "FILE", help: "JSON lines of zs audit export; - reads standard input", many: true },
  options: { partial: { help: "the export has a time range: chains may begin in the middle" } },
  examples: ["zs audit verify audit.jsonl", "zs audit export | zs audit verify -"],
  run: async (input, { input: stdin, terminal }) => {
    const reports: FileReport[] = [];
    for (const file of input.operands) reports.push(await verifyFile(file, input.flag("partial"), stdin));
    answer(terminal, reports, () => reports.flatMap((report) => reportText(report.file, report, terminal)));
    const unsound = reports.filter((report) => !isSound(report));
    if (unsound[0]) throw new CliError(ExitCode.Refused, "VerificationFailed", failure(unsound[0], unsound.length));
    return ExitCode.Ok;
  },
};

async function verifyFile(file: string, partial: boolean, stdin: CommandContext["input"]): Promise<FileReport> {
  const chunks = (file === "-" ? stdin : createReadStream(file)) as AsyncIterable<Buffer>;
  try {
    return { file, ...(await verifyAudit(linesOf(chunks), { partial, nowMs: Date.now() })) };
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw usageError(`${file} cannot be read`);
    throw error;
  }
}

function failure({ file, firstBad, findings }: FileReport, files: number): string {
  const [finding] = findings;
  const bad = firstBad ?? (finding ? { ...finding, problem: finding.sentence } : undefined);
  const others = files > 1 ? ` (and ${files - 1} more files)` : "";
  return `verification failed: ${file} ${bad ? badRecordText(bad) : ""}${others}`;
}
