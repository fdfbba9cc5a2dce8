import { safeText } from "../output/safe-text.ts";
import { styled, type Terminal } from "../output/terminal.ts";
import { timeText } from "../output/times.ts";
import type { AuditReport, BadRecord } from "./verify.ts";

const MOST_FINDINGS = 20;

/** Whether nothing at all is wrong. */
export const isSound = ({ firstBad, findings, copy }: AuditReport): boolean =>
  firstBad === null && findings.length === 0 && (copy?.differenceCount ?? 0) === 0;

/** What the verification of one file found. */
export function reportText(file: string, report: AuditReport, terminal: Pick<Terminal, "colour">): readonly string[] {
  const { records, chains, grants, firstAt, lastAt, firstBad, badRecords, findings, heads, checkpoints, copy } = report;
  const span = firstAt !== null && lastAt !== null ? `, ${timeText(firstAt)} to ${timeText(lastAt)}` : "";
  const verdict = isSound(report) ? styled(terminal, "green", "sound") : styled(terminal, "red", "NOT SOUND");
  return [
    `${safeText(file)}: ${verdict}`,
    `  ${counted(records, "record")} in ${counted(chains, "chain")}, ${counted(grants, "grant")}${span}`,
    `  heads ${heads}`,
    ...checkpointText(checkpoints),
    ...(firstBad ? [`  first bad record: ${badRecordText(firstBad)}`] : []),
    ...copyText(copy),
    ...(badRecords > 1 ? [`  ${badRecords} records are bad`] : []),
    ...findings
      .slice(0, MOST_FINDINGS)
      .map(
        ({ subject, sequence, line, sentence }) => `  ${badRecordText({ subject, sequence, line, problem: sentence })}`,
      ),
    ...(findings.length > MOST_FINDINGS ? [`  and ${findings.length - MOST_FINDINGS} more such findings`] : []),
  ];
}

function checkpointText(checkpoints: AuditReport["checkpoints"]): readonly string[] {
  if (!checkpoints) return ["  no checkpoints: whether anything was cut off does not show"];
  const { count, lastAt, lastSequence, lastHash, keyIds, trusted } = checkpoints;
  return [
    `  ${counted(count, "checkpoint")}, the last is number ${lastSequence} of ${timeText(lastAt)}, ${lastHash}`,
    `  signed with ${keyIds.join(", ")}${trusted ? "" : ": compare it with the key id that you know, or name that with --key-id"}`,
  ];
}

function copyText(copy: AuditReport["copy"]): readonly string[] {
  if (!copy) return [];
  const { records, checkpoints, notInCopy, differenceCount, differences } = copy;
  const more = differenceCount - differences.length;
  return [
    `  copy with ${counted(records, "record")} and ${counted(checkpoints, "checkpoint")}: ${differenceCount === 0 ? "all are here as they were copied" : counted(differenceCount, "difference")}; ${counted(notInCopy, "record")} here and not in the copy`,
    ...differences.map(({ sentence }) => `  copy: ${safeText(sentence)}`),
    ...(more > 0 ? [`  and ${more} more such differences`] : []),
  ];
}

/** Where a record is and what is wrong with it. */
export function badRecordText({ line, subject, sequence, problem }: BadRecord): string {
  const name = subject === null ? "" : `, record ${sequence ?? "?"} of ${safeText(subject)}`;
  return `line ${line}${name}: ${safeText(problem)}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
