import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { TypedData } from "../typed-data.ts";

/** .NET's largest instant, which a message without end expires at. */
const NEVER = { afterMs: 253_402_300_799_999, text: "9999-12-31T23:59:59.9999999" };

/** What the real host tells of a message; `undefined` is left out. Times are JSON as Newtonsoft writes it. */
function factsOf(message: ServiceBusReceivedMessage): Readonly<Record<string, unknown>> {
  const properties = message.applicationProperties ?? {};
  return {
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    DeadLetterSource: message.deadLetterSource,
    LockToken: message.lockToken,
    ExpiresAtUtc: instant(message.expiresAtUtc, "Z"),
    ExpiresAt: instant(message.expiresAtUtc, "+00:00"),
    EnqueuedTimeUtc: instant(message.enqueuedTimeUtc, "Z"),
    EnqueuedTime: instant(message.enqueuedTimeUtc, "+00:00"),
    MessageId: message.messageId,
    ContentType: message.contentType,
    ReplyTo: message.replyTo,
    SequenceNumber: message.sequenceNumber?.toNumber(),
    To: message.to,
    Subject: message.subject,
    Label: message.subject,
    CorrelationId: message.correlationId,
    ApplicationProperties: properties,
    UserProperties: properties,
    SessionId: message.sessionId,
    ReplyToSessionId: message.replyToSessionId,
    PartitionKey: message.partitionKey,
  };
}

class Instant {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON(): string {
    return this.text;
  }
}

function instant(date: Date | undefined, zone: "Z" | "+00:00"): Instant | undefined {
  if (!date) return undefined;
  const text = date.getTime() >= NEVER.afterMs ? NEVER.text : date.toISOString().replace(/\.?0*Z$/, "");
  return new Instant(text + zone);
}

/** Strings are sent as they are, everything else as JSON. */
const encode = (value: unknown): TypedData =>
  typeof value === "string" ? { string: value } : { json: JSON.stringify(value) };

/**
 * The trigger metadata of one message. Like the real host it lets a body that is a JSON object overwrite what it
 * says: nothing in here can be trusted more than the sender.
 */
export function metadataOf(message: ServiceBusReceivedMessage, text: string | undefined): Record<string, TypedData> {
  const entries = Object.entries(factsOf(message)).filter(([, value]) => value !== undefined);
  const facts = new Map(entries.map(([name, value]) => [name.toLowerCase(), { name, value }]));
  for (const [name, value] of text === undefined ? [] : mergedFrom(text))
    facts.set(name.toLowerCase(), { name: facts.get(name.toLowerCase())?.name ?? name, value });
  return Object.fromEntries([...facts.values()].map(({ name, value }) => [name, encode(value)]));
}

/** The trigger metadata of a batch: a list for every name, `null` where a message has nothing; bodies add nothing. */
export function batchMetadataOf(messages: readonly ServiceBusReceivedMessage[]): Record<string, TypedData> {
  const facts = messages.map(factsOf);
  const names = Object.keys(facts[0] ?? {});
  return Object.fromEntries(names.map((name) => [`${name}Array`, encode(facts.map((fact) => fact[name] ?? null))]));
}

/** Top-level properties of a JSON object, but for lists and nulls; what is neither text nor object becomes text. */
function mergedFrom(text: string): [string, unknown][] {
  if (!/^\s*\{[^]*\}\s*$/.test(text)) return [];
  try {
    return Object.entries(JSON.parse(text) as Record<string, unknown>)
      .filter(([, value]) => value !== null && !Array.isArray(value))
      .map(([name, value]) => [name, typeof value === "object" ? value : netText(value)]);
  } catch {
    return [];
  }
}

const netText = (value: unknown): string => (typeof value === "boolean" ? (value ? "True" : "False") : String(value));
