import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { TypedData } from "../typed-data.ts";

/** The body as text. @throws Error if it is an AMQP value or sequence other than text, as on the platform */
function textOf({ body, _rawAmqpMessage }: ServiceBusReceivedMessage): string {
  if (body === undefined || body === null) return "";
  if (_rawAmqpMessage.bodyType === "data") return bytesIn(body).toString("utf8");
  if (typeof body === "string") return body;
  throw new Error(`A message with an AMQP ${_rawAmqpMessage.bodyType ?? "unknown"} body cannot be bound to a string.`);
}

function bytesOf({ body, _rawAmqpMessage }: ServiceBusReceivedMessage): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (_rawAmqpMessage.bodyType === "data") return bytesIn(body);
  throw new Error(`A message with an AMQP ${_rawAmqpMessage.bodyType ?? "unknown"} body cannot be bound to bytes.`);
}

/** What a function gets for one message. */
export const payloadOf = (message: ServiceBusReceivedMessage, isBinary: boolean): TypedData =>
  isBinary ? { bytes: bytesOf(message) } : { string: textOf(message) };

/** What a function gets for a batch. */
export const batchPayloadOf = (messages: readonly ServiceBusReceivedMessage[], isBinary: boolean): TypedData =>
  isBinary
    ? { collectionBytes: { bytes: messages.map(bytesOf) } }
    : { collectionString: { string: messages.map(textOf) } };

/** A body of several data sections is their bytes one after the other. */
const bytesIn = (content: unknown): Buffer =>
  Array.isArray(content) ? Buffer.concat(content as Uint8Array[]) : Buffer.from(content as Uint8Array);
