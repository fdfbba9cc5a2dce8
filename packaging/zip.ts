import { zipSync, type Zippable } from "fflate";

const UNIX = 3;
const READABLE_FILE = (0o100644 << 16) >>> 0;

/** A zip archive; the same files give the same bytes, whoever made them and whenever. */
export function zipOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const mtime = new Date(1980, 0, 1); // the format has local time and begins here
  const entries: Zippable = {};
  for (const [path, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    entries[path] = [content, { level: 9, mtime, os: UNIX, attrs: READABLE_FILE }];
  return zipSync(entries);
}
