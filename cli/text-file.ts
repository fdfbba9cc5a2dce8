import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { usageError } from "./exit-code.ts";

/** @throws CliError when the file cannot be read */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw usageError(`${file} cannot be read`);
  }
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
