import { crc32 } from "node:zlib";
import type { JournalRecord } from "./records.ts";

/** Before each record: length of what follows, its CRC, length of the JSON; then the JSON and the bytes. */
const HEAD_BYTES = 12;

/** One record as it lies in the file. */
export function frame(record: JournalRecord, bytes?: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(record));
  const framed = Buffer.allocUnsafe(HEAD_BYTES + json.length + (bytes?.length ?? 0));
  json.copy(framed, HEAD_BYTES);
  bytes?.copy(framed, HEAD_BYTES + json.length);
  framed.writeUInt32BE(framed.length - HEAD_BYTES, 0);
  framed.writeUInt32BE(json.length, 8);
  framed.writeUInt32BE(crc32(framed.subarray(8)), 4);
  return framed;
}

export interface Framed {
  readonly record: JournalRecord;
  readonly bytes: Buffer;
  /** Where the bytes begin, and where the next record does, from the start of the buffer. */
  readonly bytesAt: number;
  readonly end: number;
}

/** The record at `offset`; `undefined` = it is not there in full, or damaged. */
export function unframe(buffer: Buffer, offset: number): Framed | undefined {
  const length = lengthAt(buffer, offset);
  if (length === undefined || offset + length > buffer.length) return undefined;
  const framed = buffer.subarray(offset, offset + length);
  if (crc32(framed.subarray(8)) !== framed.readUInt32BE(4)) return undefined;
  const bytesAt = HEAD_BYTES + framed.readUInt32BE(8);
  const record = JSON.parse(framed.toString("utf8", HEAD_BYTES, bytesAt)) as JournalRecord;
  return { record, bytes: framed.subarray(bytesAt), bytesAt: offset + bytesAt, end: offset + length };
}

/** Bytes of the record at `offset`, its head included, as far as the head tells. */
export function lengthAt(buffer: Buffer, offset: number): number | undefined {
  if (offset + HEAD_BYTES > buffer.length) return undefined;
  return HEAD_BYTES + buffer.readUInt32BE(offset);
}
