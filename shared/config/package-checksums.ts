import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Lies in every package and names every other file of it, in the format that `sha256sum -c` reads. */
export const CHECKSUM_FILE = "SHA256SUMS";

export const sha256Of = (content: Uint8Array | string): string => createHash("sha256").update(content).digest("hex");

/** The content of that file; its own SHA-256 is the hash of the package. */
export const checksumLines = (sums: ReadonlyMap<string, string>): string =>
  [...sums.keys()]
    .sort()
    .map((file) => `${sums.get(file)}  ${file}\n`)
    .join("");

/**
 * The hash of the package in the folder, made anew from the files that lie there: a file that was changed or is gone
 * gives another. `null` where no package was unpacked.
 */
export async function packageHash(directory: string): Promise<string | null> {
  const list = await readIfThere(join(directory, CHECKSUM_FILE));
  if (!list) return null;
  const sums = new Map<string, string>();
  for (const file of list.toString("utf8").split("\n").filter(Boolean).map(fileIn)) {
    const content = await readIfThere(join(directory, file));
    if (content) sums.set(file, sha256Of(content));
  }
  return sha256Of(checksumLines(sums));
}

const fileIn = (line: string): string => line.slice(line.indexOf("  ") + 2);

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
