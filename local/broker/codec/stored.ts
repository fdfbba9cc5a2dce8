import { CODE, CodecError } from "./values.ts";

/**
 * A message as the journal keeps it: what the sender's header said, the annotations that stay, and the bare message
 * byte for byte. 0: durable, 1: priority, 2: number of annotation values, 6: their bytes; then they, then the rest.
 */
const FIXED_BYTES = 10;
const DEFAULT_PRIORITY = 4;

export interface StoredMessage {
  readonly durable: boolean;
  readonly priority: number;
  readonly annotationCount: number;
  readonly annotations: Buffer;
  readonly bare: Buffer;
}

export function encodeStored(header: readonly Buffer[], annotations: readonly Buffer[], bare: Buffer): Buffer {
  const [durable, priority] = header;
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed[0] = durable?.[0] === CODE.true || (durable?.[0] === CODE.boolean && durable[1] === 1) ? 1 : 0;
  fixed[1] = priority?.[0] === CODE.ubyte ? (priority[1] ?? DEFAULT_PRIORITY) : DEFAULT_PRIORITY;
  fixed.writeUInt32BE(annotations.length, 2);
  fixed.writeUInt32BE(
    annotations.reduce((sum, { length }) => sum + length, 0),
    6,
  );
  return Buffer.concat([fixed, ...annotations, bare]);
}

export function decodeStored(stored: Buffer): StoredMessage {
  if (stored.length < FIXED_BYTES) throw new CodecError("not a stored message");
  const bareAt = FIXED_BYTES + stored.readUInt32BE(6);
  return {
    durable: stored[0] === 1,
    priority: stored[1] ?? DEFAULT_PRIORITY,
    annotationCount: stored.readUInt32BE(2),
    annotations: stored.subarray(FIXED_BYTES, bareAt),
    bare: stored.subarray(bareAt),
  };
}
