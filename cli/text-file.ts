import { readFileSync, statSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { usageError } from "./exit-code.ts";

/** @throws CliError when the file cannot be read, or has more bytes */
export function readTextFile(file: string, mostBytes = Infinity): string {
  let text: string | undefined;
  try {
    text = statSync(file).size > mostBytes ? undefined : readFileSync(file, "utf8");
  } catch {
    throw usageError(`${file} cannot be read`);
  }
  if (text === undefined) throw usageError(`${file} is larger than ${mostBytes} bytes: that is not the file`);
  return text;
}

/** Writes a file that only its owner can read; until all of it is written, what was there stays. @throws CliError */
export function writeTextFile(file: string, text: string): void {
  const unfinished = `${file}.part`;
  try {
    writeFileSync(unfinished, text, { mode: 0o600 });
    renameSync(unfinished, file);
  } catch {
    rmSync(unfinished, { force: true });
    throw usageError(`${file} cannot be written`);
  }
}
