import type { Message, PropertyChanges } from "../model/message.ts";
import { SECTION, sectionsOf } from "./sections.ts";
import { decodeStored } from "./stored.ts";
import { CODE, encodeBytes, encodeCompound, encodeText, entriesOf, readCompound, textOf } from "./values.ts";

const MAX_TTL_MS = 0xffff_ffff;

/** A message as a receiver gets it: the sender's bytes behind a header and annotations of the broker. */
export function encodeDelivery(message: Message, stored: Buffer, lockedUntil: number | undefined): Buffer {
  const { durable, priority, annotationCount, annotations, bare } = decodeStored(stored);
  const own = annotationsOf(message, lockedUntil);
  return Buffer.concat([
    headerOf(message, durable, priority),
    mapHead(annotationCount + own.count, annotations.length + own.bytes.length),
    annotations,
    own.bytes,
    message.changes ? withChanges(bare, message.changes) : bare,
  ]);
}

/** `ttl` as far as it is one; `delivery-count` always there: .NET takes its absence for something else. */
function headerOf(message: Message, durable: boolean, priority: number): Buffer {
  const lifetime = message.expiresAt < Infinity ? message.expiresAt - message.enqueuedAt : message.ttlMs;
  const ttl = Buffer.alloc(lifetime === undefined ? 1 : 5, CODE.null);
  if (lifetime !== undefined) {
    ttl[0] = CODE.uint;
    ttl.writeUInt32BE(Math.max(0, Math.min(lifetime, MAX_TTL_MS)), 1);
  }
  const count = Buffer.alloc(5, CODE.uint);
  count.writeUInt32BE(message.deliveryCount, 1);
  const fields = [
    Buffer.from([durable ? CODE.true : CODE.false, CODE.ubyte, priority]),
    ttl,
    Buffer.from([CODE.false]),
  ];
  const length = 1 + 3 + ttl.length + 1 + count.length;
  const head = Buffer.from([CODE.described, CODE.smallUlong, SECTION.header, CODE.list8, length, 5]);
  return Buffer.concat([head, ...fields, count]);
}

function mapHead(count: number, bytes: number): Buffer {
  const head = Buffer.from([
    CODE.described,
    CODE.smallUlong,
    SECTION.messageAnnotations,
    CODE.map32,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  head.writeUInt32BE(bytes + 4, 4);
  head.writeUInt32BE(count, 8);
  return head;
}

const NAMES = {
  sequence: symbol("x-opt-sequence-number"),
  enqueuedAt: symbol("x-opt-enqueued-time"),
  lockedUntil: symbol("x-opt-locked-until"),
  state: symbol("x-opt-message-state"),
  source: symbol("x-opt-deadletter-source"),
};
const STATES = { active: 0, deferred: 1, scheduled: 2 } as const;

function annotationsOf(message: Message, lockedUntil: number | undefined): { count: number; bytes: Buffer } {
  const state = message.state === "active" && message.wasScheduled ? "scheduled" : message.state;
  const values = [
    NAMES.sequence,
    eightBytes(CODE.long, message.sequence),
    NAMES.enqueuedAt,
    eightBytes(CODE.timestamp, message.enqueuedAt),
    NAMES.state,
    Buffer.from([CODE.int, 0, 0, 0, STATES[state]]),
    ...(lockedUntil === undefined ? [] : [NAMES.lockedUntil, eightBytes(CODE.timestamp, lockedUntil)]),
    ...(message.deadLetterSource === undefined ? [] : [NAMES.source, encodeText(message.deadLetterSource)]),
  ];
  return { count: values.length, bytes: Buffer.concat(values) };
}

function eightBytes(code: number, value: number): Buffer {
  const bytes = Buffer.alloc(9, code);
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function symbol(name: string): Buffer {
  return encodeBytes(Buffer.from(name, "ascii"), CODE.sym8, CODE.sym32);
}

/** The bare message with some application properties set; all others keep their bytes. */
function withChanges(bare: Buffer, changes: PropertyChanges): Buffer {
  const sections = sectionsOf(bare);
  const old = sections.find(({ code }) => code === SECTION.applicationProperties);
  const kept = old
    ? entriesOf(readCompound(bare, old.valueAt)).filter(([key]) => !Object.hasOwn(changes, textOf(key) ?? ""))
    : [];
  const set = Object.entries(changes).flatMap(([name, value]) => [encodeText(name), Buffer.from(value, "base64")]);
  const map = encodeCompound(CODE.map32, [...kept.flat(), ...set], SECTION.applicationProperties);
  const before = old?.start ?? sections.find(({ code }) => code > SECTION.applicationProperties)?.start ?? bare.length;
  return Buffer.concat([bare.subarray(0, before), map, bare.subarray(old?.end ?? before)]);
}
