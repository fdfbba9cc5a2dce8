import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import type { BodyLocation } from "../model/message.ts";
import { lengthAt, unframe } from "./framing.ts";
import type { JournalRecord } from "./records.ts";

const CHUNK_BYTES = 1024 * 1024;

export interface Recovered {
  /** Where the next record goes. */
  readonly size: number;
  /** Bytes behind the last whole record: what was being written when the process ended. */
  readonly cutBytes: number;
}

/** Reads a journal from its start and cuts off what is not whole at its end. */
export function recover(
  file: string,
  apply: (record: JournalRecord, location: BodyLocation, bytes: Buffer) => void,
): Recovered {
  const fd = openSync(file, "a+");
  try {
    const fileSize = fstatSync(fd).size;
    const size = readAll(fd, fileSize, apply);
    if (size < fileSize) ftruncateSync(fd, size);
    return { size, cutBytes: fileSize - size };
  } finally {
    closeSync(fd);
  }
}

function readAll(fd: number, fileSize: number, apply: Parameters<typeof recover>[1]): number {
  let position = 0;
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES); // the same for all: 100,000 messages are many chunks
  while (position < fileSize) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, fileSize - position));
    readSync(fd, chunk, 0, chunk.length, position);
    const read = readChunk(chunk, position, apply);
    if (read === 0) {
      const needed = lengthAt(chunk, 0);
      const isWhole = needed !== undefined && needed > chunk.length && position + needed <= fileSize;
      if (!isWhole) break;
      buffer = Buffer.allocUnsafe(needed); // one record larger than a chunk
    }
    position += read;
  }
  return position;
}

function readChunk(chunk: Buffer, position: number, apply: Parameters<typeof recover>[1]): number {
  let offset = 0;
  for (let framed = unframe(chunk, offset); framed; framed = unframe(chunk, offset)) {
    const { record, bytes, bytesAt, end } = framed;
    apply(record, { offset: position + bytesAt, length: bytes.length }, bytes);
    offset = end;
  }
  return offset;
}
