import { BATCH_FORMAT, unbatch } from "../codec/batch.ts";
import { ingest } from "../codec/ingest.ts";
import { CodecError } from "../codec/values.ts";
import type { IncomingMessage } from "../model/incoming.ts";
import type { SendTarget } from "../model/namespace.ts";
import type { Door } from "./door.ts";
import { decodeError, notAllowed, quotaExceeded, tooLarge } from "./errors.ts";
import {
  ACCEPTED,
  rejectedWith,
  type AmqpError,
  type LinkContext,
  type RheaDelivery,
  type RheaReceiver,
} from "./rhea.ts";
import { oversizeOf } from "./raw-messages.ts";
import { settleIncoming } from "./settling.ts";

/** What came in one delivery; `bytes` may be cut off where `size` is more than is allowed. */
export interface Transfer {
  readonly bytes: Buffer;
  readonly size: number;
  readonly format: number;
}

const CREDIT = 1000;
const CREDIT_STEP = 100;

/** Serves a link on which a client sends: each transfer is acknowledged once it is durable. */
export function serveSendingClient(door: Door, link: RheaReceiver, target: SendTarget): void {
  let used = 0;
  link.set_target({ address: link.target?.address ?? target.path });
  link.set_source({ ...(link.source?.address === undefined ? {} : { address: link.source.address }) });
  link.local.attach.max_message_size = target.entity.settings.maxMessageBytes;
  link.add_credit(CREDIT);
  link.on("message", ({ message, delivery, format }: LinkContext) => {
    if (!delivery || !Buffer.isBuffer(message)) return;
    used += 1;
    const size = oversizeOf(delivery) ?? message.length;
    const taken = take(door, target, { bytes: message, size, format: format ?? 0 }).then((refusal) => {
      answer(door, target, delivery, refusal);
      if (used < CREDIT_STEP || !link.is_open()) return;
      link.add_credit(used);
      used = 0;
    });
    door.endOnFailure(link.connection, taken);
  });
}

async function take(door: Door, target: SendTarget, transfer: Transfer): Promise<AmqpError | undefined> {
  const delayMs = door.faults.delayMs("send", target.path);
  if (delayMs > 0) await door.wait(delayMs);
  const messages = accepted(door, target, transfer);
  if ("condition" in messages) return messages;
  await door.broker.send(target, messages);
  door.broker.watch();
  return undefined;
}

/** The messages of a transfer, or why none of them comes in. */
export function accepted(
  door: Door,
  target: SendTarget,
  { bytes, size, format }: Transfer,
): readonly IncomingMessage[] | AmqpError {
  const { maxMessageBytes } = target.entity.settings;
  if (size > maxMessageBytes) return tooLarge(size, maxMessageBytes);
  if (door.isFull(target)) return quotaExceeded(target.path);
  try {
    const messages = (format === BATCH_FORMAT ? unbatch(bytes) : [bytes]).map(ingest);
    return target.entity.settings.requiresSession && messages.some(({ sessionId }) => sessionId === undefined)
      ? notAllowed("The SessionId was not set on a message, and it cannot be sent to an entity that requires sessions.")
      : messages;
  } catch (error) {
    return decodeError(error instanceof CodecError ? error.message : "the bytes are no AMQP message");
  }
}

function answer(door: Door, target: SendTarget, delivery: RheaDelivery, refusal: AmqpError | undefined): void {
  if (refusal === undefined && door.faults.loses("send", target.path)) {
    door.drop(delivery.link.connection);
    return;
  }
  settleIncoming(delivery, refusal === undefined ? ACCEPTED : rejectedWith(refusal));
}
