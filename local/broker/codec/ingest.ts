import { randomBytes } from "node:crypto";
import type { FilterFacts } from "../model/filters.ts";
import type { IncomingMessage } from "../model/incoming.ts";
import type { SystemProperty } from "../model/settings.ts";
import { SECTION, sectionsOf, type Section } from "./sections.ts";
import { encodeStored } from "./stored.ts";
import {
  bytesOf,
  CODE,
  CodecError,
  encodeCompound,
  encodeText,
  entriesOf,
  numberOf,
  readCompound,
  splitValues,
  textOf,
} from "./values.ts";

const MAX_ID_LENGTH = 128;
const HEADER_TTL = 2;
const MESSAGE_ID = 0;
const GROUP_ID = 10;
/** Where each property lies that a correlation filter can look at. */
const SYSTEM_FIELDS: Readonly<Record<SystemProperty, number>> = {
  messageId: 0,
  to: 2,
  subject: 3,
  replyTo: 4,
  correlationId: 5,
  contentType: 6,
  sessionId: GROUP_ID,
  replyToSessionId: 12,
};
/** Written by the broker at each delivery; what a sender put there does not count. */
const OWN_ANNOTATIONS = new Set([
  "x-opt-sequence-number",
  "x-opt-enqueued-time",
  "x-opt-locked-until",
  "x-opt-message-state",
  "x-opt-deadletter-source",
  "x-opt-enqueue-sequence-number",
  "x-opt-lock-token",
]);

/** Takes an encoded message apart as far as the broker has to know it. @throws CodecError */
export function ingest(message: Buffer): IncomingMessage {
  const sections = sectionsOf(message);
  const section = (code: number): Section | undefined => sections.find((one) => one.code === code);
  const header = listOf(message, section(SECTION.header));
  const properties = listOf(message, section(SECTION.properties));
  const annotations = annotationsOf(message, section(SECTION.messageAnnotations));
  const messageId = messageIdOf(properties[MESSAGE_ID]);
  const sessionId = shortText(properties[GROUP_ID], "session id");
  const bare = messageId === undefined ? withMessageId(message, sections, properties) : undefined;
  return {
    messageId: messageId ?? bare?.id ?? "",
    sessionId,
    ttlMs: header[HEADER_TTL] && numberOf(header[HEADER_TTL]),
    scheduledAt: annotations.scheduledAt,
    bytes: encodeStored(header, annotations.kept, bare?.bytes ?? bareOf(message, sections)),
    facts: () => factsOf(message),
  };
}

/** What filters look at. */
export function factsOf(message: Buffer): FilterFacts {
  const sections = sectionsOf(message);
  const section = (code: number): Section | undefined => sections.find((one) => one.code === code);
  const properties = listOf(message, section(SECTION.properties));
  const system = Object.entries(SYSTEM_FIELDS).map(([name, index]) => [name, textual(properties[index])] as const);
  const custom = mapOf(message, section(SECTION.applicationProperties)).map(
    ([key, value]) => [textOf(key) ?? "", textual(value)] as const,
  );
  const present = (pairs: readonly (readonly [string, string | undefined])[]): Record<string, string> =>
    Object.fromEntries(pairs.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
  return { system: present(system), properties: present(custom) };
}

const listOf = (message: Buffer, section: Section | undefined): Buffer[] =>
  section ? splitValues(readCompound(message, section.valueAt)) : [];

const mapOf = (message: Buffer, section: Section | undefined): (readonly [Buffer, Buffer])[] =>
  section ? entriesOf(readCompound(message, section.valueAt)) : [];

/** Everything from the properties on: the part that the sender owns and nobody changes. */
function bareOf(message: Buffer, sections: readonly Section[]): Buffer {
  const bare = sections.filter(({ code }) => code >= SECTION.properties);
  const [first] = bare;
  const last = bare.at(-1);
  if (!first || !last) return Buffer.alloc(0);
  const isTogether = bare.every(({ start }, index) => index === 0 || start === bare[index - 1]?.end);
  if (isTogether) return message.subarray(first.start, last.end);
  return Buffer.concat(bare.map(({ start, end }) => message.subarray(start, end)));
}

function annotationsOf(
  message: Buffer,
  section: Section | undefined,
): { readonly kept: readonly Buffer[]; readonly scheduledAt: number | undefined } {
  let scheduledAt: number | undefined;
  const kept = mapOf(message, section).filter(([key, value]) => {
    const name = textOf(key) ?? "";
    if (name === "x-opt-scheduled-enqueue-time") scheduledAt = numberOf(value);
    return !OWN_ANNOTATIONS.has(name);
  });
  return { kept: kept.flat(), scheduledAt };
}

/** Ids of the four types that AMQP allows, as a text that tells them apart. */
function messageIdOf(value: Buffer | undefined): string | undefined {
  if (value === undefined || value[0] === CODE.null) return undefined;
  const text = shortText(value, "message id");
  if (text !== undefined) return text;
  return numberOf(value) === undefined
    ? `binary:${(bytesOf(value) ?? value.subarray(1)).toString("hex")}`
    : `ulong:${numberOf(value)}`;
}

function shortText(value: Buffer | undefined, name: string): string | undefined {
  const text = value && textOf(value);
  if (text !== undefined && text.length > MAX_ID_LENGTH)
    throw new CodecError(`the ${name} is longer than ${MAX_ID_LENGTH} characters`);
  return text;
}

/** A message without id gets one: clients cannot settle it otherwise. */
function withMessageId(
  message: Buffer,
  sections: readonly Section[],
  properties: readonly Buffer[],
): { readonly id: string; readonly bytes: Buffer } {
  const id = randomBytes(16).toString("hex");
  const rest = sections.filter(({ code }) => code > SECTION.properties);
  const list = encodeCompound(CODE.list32, [encodeText(id), ...properties.slice(1)], SECTION.properties);
  return { id, bytes: Buffer.concat([list, ...rest.map(({ start, end }) => message.subarray(start, end))]) };
}

/** A value as the emulator's filters write it. */
function textual(value: Buffer | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = textOf(value) ?? numberOf(value)?.toString();
  if (text !== undefined) return text;
  if (value[0] === CODE.true || (value[0] === CODE.boolean && value[1] === 1)) return "true";
  if (value[0] === CODE.false || value[0] === CODE.boolean) return "false";
  return undefined;
}
