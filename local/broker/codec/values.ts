/** Format codes of AMQP 1.0. @see http://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html */
export const CODE = {
  described: 0x00,
  null: 0x40,
  true: 0x41,
  false: 0x42,
  uint0: 0x43,
  ulong0: 0x44,
  list0: 0x45,
  ubyte: 0x50,
  smallUint: 0x52,
  smallUlong: 0x53,
  boolean: 0x56,
  uint: 0x70,
  int: 0x71,
  ulong: 0x80,
  long: 0x81,
  timestamp: 0x83,
  uuid: 0x98,
  vbin8: 0xa0,
  str8: 0xa1,
  sym8: 0xa3,
  vbin32: 0xb0,
  str32: 0xb1,
  sym32: 0xb3,
  list8: 0xc0,
  map8: 0xc1,
  list32: 0xd0,
  map32: 0xd1,
} as const;

/** Bytes that are no AMQP, or not the AMQP of a message. */
export class CodecError extends Error {}

const FIXED_WIDTHS = [0, 1, 2, 4, 8, 16]; // by the high half of the code: 0x4…0x9
const DEEPEST = 32;

/** Where the value at `offset` ends. @throws CodecError where it would end behind the buffer */
export function endOfValue(buffer: Buffer, offset: number, depth = 0): number {
  if (offset >= buffer.length) throw new CodecError("a value is missing");
  if (depth > DEEPEST) throw new CodecError("too deeply described");
  const code = buffer[offset] ?? 0;
  if (code === CODE.described) return endOfValue(buffer, endOfValue(buffer, offset + 1, depth + 1), depth + 1);
  const end = offset + 1 + widthOf(buffer, offset, code >> 4);
  if (end > buffer.length) throw new CodecError("a value is cut off");
  return end;
}

function widthOf(buffer: Buffer, offset: number, group: number): number {
  const fixed = FIXED_WIDTHS[group - 4];
  if (group >= 4 && fixed !== undefined) return fixed;
  if (group === 0xa || group === 0xc || group === 0xe) return 1 + (buffer[offset + 1] ?? buffer.length);
  if (group === 0xb || group === 0xd || group === 0xf)
    return offset + 5 <= buffer.length ? 4 + buffer.readUInt32BE(offset + 1) : buffer.length;
  throw new CodecError("not an AMQP type");
}

/** The values inside a list or map, one after the other, as they are encoded. */
export interface Compound {
  readonly count: number;
  readonly items: Buffer;
}

export function readCompound(buffer: Buffer, offset: number): Compound {
  const end = endOfValue(buffer, offset);
  switch (buffer[offset]) {
    case CODE.list0:
      return { count: 0, items: Buffer.alloc(0) };
    case CODE.list8:
    case CODE.map8:
      return { count: buffer[offset + 2] ?? 0, items: buffer.subarray(offset + 3, end) };
    case CODE.list32:
    case CODE.map32:
      if (end < offset + 9) throw new CodecError("a list or map is cut off");
      return { count: buffer.readUInt32BE(offset + 5), items: buffer.subarray(offset + 9, end) };
    default:
      throw new CodecError("not a list or map");
  }
}

/** Splits the values of a list or map. @throws CodecError if there are fewer than promised */
export function splitValues({ count, items }: Compound): Buffer[] {
  const values: Buffer[] = [];
  let offset = 0;
  while (values.length < count) {
    const end = endOfValue(items, offset);
    values.push(items.subarray(offset, end));
    offset = end;
  }
  return values;
}

export function entriesOf(map: Compound): (readonly [key: Buffer, value: Buffer])[] {
  const values = splitValues(map);
  if (values.length % 2 === 1) throw new CodecError("a map has a key without value");
  return values.flatMap((key, index) =>
    index % 2 === 0 ? [[key, values[index + 1] ?? Buffer.alloc(0)] as const] : [],
  );
}

/** A string, symbol or binary as its bytes; `undefined` for any other value. */
export function bytesOf(value: Buffer): Buffer | undefined {
  switch (value[0]) {
    case CODE.str8:
    case CODE.sym8:
    case CODE.vbin8:
      return value.subarray(2);
    case CODE.str32:
    case CODE.sym32:
    case CODE.vbin32:
      return value.subarray(5);
    default:
      return undefined;
  }
}

export const textOf = (value: Buffer): string | undefined =>
  value[0] === CODE.vbin8 || value[0] === CODE.vbin32 ? undefined : bytesOf(value)?.toString("utf8");

/** A number of any unsigned type, or an instant. */
export function numberOf(value: Buffer): number | undefined {
  switch (value[0]) {
    case CODE.uint0:
    case CODE.ulong0:
      return 0;
    case CODE.ubyte:
    case CODE.smallUint:
    case CODE.smallUlong:
      return value[1];
    case CODE.uint:
      return value.readUInt32BE(1);
    case CODE.ulong:
    case CODE.long:
    case CODE.timestamp:
      return Number(value.readBigInt64BE(1));
    default:
      return undefined;
  }
}

/** A text as an AMQP string. */
export function encodeText(text: string): Buffer {
  return encodeBytes(Buffer.from(text, "utf8"), CODE.str8, CODE.str32);
}

export function encodeBytes(bytes: Buffer, short: number, long: number): Buffer {
  const head = bytes.length < 256 ? Buffer.from([short, bytes.length]) : Buffer.alloc(5, long);
  if (bytes.length >= 256) head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** A described list or map of values that are encoded already. */
export function encodeCompound(code: number, values: readonly Buffer[], descriptor?: number): Buffer {
  const length = values.reduce((sum, value) => sum + value.length, 0);
  const head = Buffer.alloc(9);
  head[0] = code;
  head.writeUInt32BE(length + 4, 1);
  head.writeUInt32BE(values.length, 5);
  const described = descriptor === undefined ? [] : [Buffer.from([CODE.described, CODE.smallUlong, descriptor])];
  return Buffer.concat([...described, head, ...values]);
}
