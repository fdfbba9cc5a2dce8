import { fsync, fsyncSync, openSync, closeSync, readSync, renameSync, write } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { BodyLocation } from "../model/message.ts";
import { frame } from "./framing.ts";
import type { JournalRecord } from "./records.ts";

/** Records that tell all there is, with bodies where they lie in the old file. */
export type Snapshot = Iterable<{
  readonly record: JournalRecord;
  readonly location?: BodyLocation;
  readonly bytes?: Buffer;
}>;

export interface Rewritten {
  readonly fd: number;
  readonly size: number;
  /** Where each body lies in the new file. */
  readonly moved: readonly (readonly [location: BodyLocation, offset: number])[];
}

const CHUNK_BYTES = 1024 * 1024;
const writeAt = promisify(write);
const sync = promisify(fsync);

/**
 * Writes a new journal beside the old one and puts it in its place. A crash at any point leaves one whole journal.
 * The list is taken at once, the bodies follow by and by: the caller may go on changing what it has in memory.
 */
export async function rewrite(file: string, snapshot: Snapshot, oldFd: number): Promise<Rewritten> {
  const items = [...snapshot].map((item) => ({ ...item, from: item.location && { ...item.location } }));
  const fd = openSync(`${file}.new`, "w+");
  const moved: (readonly [BodyLocation, number])[] = [];
  let size = 0;
  let chunk: Buffer[] = [];
  let chunkBytes = 0;
  const flush = async (): Promise<void> => {
    const buffer = Buffer.concat(chunk);
    for (let done = 0; done < buffer.length;)
      done += (await writeAt(fd, buffer, done, buffer.length - done, size - chunkBytes + done)).bytesWritten;
    chunk = [];
    chunkBytes = 0;
  };
  for (const { record, location, from, bytes } of items) {
    const body = from ? readBody(oldFd, from) : bytes;
    const framed = frame(record, body);
    chunk.push(framed);
    chunkBytes += framed.length;
    size += framed.length;
    if (location) moved.push([location, size - location.length]);
    if (chunkBytes >= CHUNK_BYTES) await flush();
  }
  await flush();
  await sync(fd);
  renameSync(`${file}.new`, file);
  syncDirectory(dirname(file));
  return { fd, size, moved };
}

function readBody(fd: number, { offset, length }: BodyLocation): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  if (readSync(fd, bytes, 0, length, offset) !== length) throw new Error("the journal is shorter than it was");
  return bytes;
}

/** A file's name is durable only with its directory. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  fsyncSync(fd);
  closeSync(fd);
}
