import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { TypedData } from "../typed-data.ts";

/** .NET's largest instant, which a message without end expires at. */
const NEVER = { afterMs: 253_402_300_799_999, text: "9999-12-31T23:59:59.9999999" };

/** What the real host tells of a message; `undefined` is left out. Times are JSON as Newtonsoft writes it. */
function factsOf(message: ServiceBusReceivedMessage): Record<string, unknown> {
  const properties = message.applicationProperties ?? {};
  const [expiresAt, enqueuedAt] = [expiries.textOf(message.expiresAtUtc), arrivals.textOf(message.enqueuedTimeUtc)];
  return {
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    DeadLetterSource: message.deadLetterSource,
    LockToken: message.lockToken,
    ExpiresAtUtc: expiresAt && new Json(`"${expiresAt}Z"`),
    ExpiresAt: expiresAt && new Json(`"${expiresAt}+00:00"`),
    EnqueuedTimeUtc: enqueuedAt && new Json(`"${enqueuedAt}Z"`),
    EnqueuedTime: enqueuedAt && new Json(`"${enqueuedAt}+00:00"`),
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

/** Is JSON already. */
class Json {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** An instant as .NET writes it, without its zone. Many messages share one: the last is remembered. */
class NetTimes {
  #ms = Number.NaN;
  #text = "";

  textOf(date: Date | undefined): string | undefined {
    if (!date) return undefined;
    const ms = date.getTime();
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#text = ms >= NEVER.afterMs ? NEVER.text : date.toISOString().replace(/\.?0*Z$/, "");
    }
    return this.#text;
  }
}

const expiries = new NetTimes();
const arrivals = new NetTimes();

/** Text that `JSON.parse` refuses at its first character, or because it is a GUID. */
const NO_JSON = /^(?:[^\s"[{0-9tfn-]|[0-9a-f]{8}-[0-9a-f]{4}-)/i;

/**
 * Text is sent as it is, everything else as JSON. The worker tries to parse text and keeps it if that fails, which is
 * slow; so text that is certain to be kept is sent in quotes, which comes to the same.
 */
function encode(value: unknown): TypedData {
  if (value instanceof Json) return { json: value.text };
  return typeof value === "string" && !NO_JSON.test(value) ? { string: value } : { json: JSON.stringify(value) };
}

/**
 * The trigger metadata of one message. Like the real host it lets a body that is a JSON object overwrite what it
 * says: nothing in here can be trusted more than the sender.
 */
export function metadataOf(message: ServiceBusReceivedMessage, text: string | undefined): Record<string, TypedData> {
  const facts = factsOf(message);
  const merged = new Map<string, string>();
  for (const [said, value] of text === undefined ? [] : mergedFrom(text)) {
    const lower = said.toLowerCase();
    const known = NAMES.get(lower);
    const name = merged.get(lower) ?? (known !== undefined && facts[known] !== undefined ? known : said);
    merged.set(lower, name);
    facts[name] = value;
  }
  const metadata: Record<string, TypedData> = {};
  for (const name in facts) if (facts[name] !== undefined) metadata[name] = encode(facts[name]);
  return metadata;
}

/** The host does not tell names apart by their case; a name that the message has not is free. */
const NAMES = new Map(
  Object.keys(factsOf({} as ServiceBusReceivedMessage)).map((name) => [name.toLowerCase(), name] as const),
);

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
      .filter(([name, value]) => name !== "__proto__" && value !== null && !Array.isArray(value))
      .map(([name, value]) => [name, typeof value === "object" ? value : netText(value)]);
  } catch {
    return [];
  }
}

const netText = (value: unknown): string => (typeof value === "boolean" ? (value ? "True" : "False") : String(value));
