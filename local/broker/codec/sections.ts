import { CODE, CodecError, endOfValue, numberOf, textOf } from "./values.ts";

/** Sections of a message, by descriptor. */
export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

const BY_SYMBOL: Readonly<Record<string, number>> = {
  "amqp:header:list": SECTION.header,
  "amqp:delivery-annotations:map": SECTION.deliveryAnnotations,
  "amqp:message-annotations:map": SECTION.messageAnnotations,
  "amqp:properties:list": SECTION.properties,
  "amqp:application-properties:map": SECTION.applicationProperties,
  "amqp:data:binary": SECTION.data,
  "amqp:amqp-sequence:list": SECTION.sequence,
  "amqp:amqp-value:*": SECTION.value,
  "amqp:footer:map": SECTION.footer,
};

export interface Section {
  readonly code: number;
  readonly start: number;
  readonly valueAt: number;
  readonly end: number;
}

/** The sections of an encoded message in their order. @throws CodecError if it is no message */
export function sectionsOf(message: Buffer): Section[] {
  const sections: Section[] = [];
  for (let start = 0; start < message.length;) {
    if (message[start] !== CODE.described) throw new CodecError("a message consists of described sections");
    const valueAt = endOfValue(message, start + 1);
    const end = endOfValue(message, valueAt);
    sections.push({ code: codeOf(message.subarray(start + 1, valueAt)), start, valueAt, end });
    start = end;
  }
  return sections;
}

function codeOf(descriptor: Buffer): number {
  const code = numberOf(descriptor) ?? BY_SYMBOL[textOf(descriptor) ?? ""];
  if (code === undefined || code < SECTION.header || code > SECTION.footer) throw new CodecError("an unknown section");
  return code;
}
