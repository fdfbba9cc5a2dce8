import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import Long from "long";
import type { Shelf } from "../../domain/kept-message.ts";
import { instant } from "../../domain/time.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { HeldMessage, KeptMessage, KeptMessages } from "../../ports/kept-messages.ts";
import { busError, isWithoutEntity, type Bus } from "./client.ts";
import { HANDOVER_QUEUE } from "./handover-queue.ts";
import { messageId, REJECTED_QUEUE } from "./message-copies.ts";
import { requestQueue } from "./request-queues.ts";

const PAGE = 100;
/** Received at once while one is looked for. */
const MOST_AHEAD = 20;
const COMES_WITHIN_MS = 1_000;

/** The kept messages over Service Bus. `senders` are those of the policy: to no other system's queue is anything sent. */
export function createKeptMessages(bus: Bus, senders: readonly string[]): KeptMessages {
  const queuesOf = (shelf: Shelf): readonly string[] =>
    shelf === "rejected" ? [REJECTED_QUEUE] : [...senders.map(requestQueue), HANDOVER_QUEUE];

  /** Answers `undefined` for a queue that does not belong to the shelf. */
  async function reading<T>(
    shelf: Shelf,
    queue: string,
    read: (receiver: ServiceBusReceiver) => Promise<T>,
  ): Promise<T | undefined> {
    if (!queuesOf(shelf).includes(queue)) return undefined;
    const receiver = bus.client.createReceiver(queue, {
      ...(shelf === "dead-letters" ? { subQueueType: "deadLetter" } : {}),
      skipParsingBodyAsJson: true,
      maxAutoLockRenewalDurationInMs: 0,
    });
    try {
      return await read(receiver);
    } catch (error) {
      throw error instanceof DependencyError ? error : busError(queue, error);
    } finally {
      await receiver.close().catch(() => undefined); // the connection broke: nothing is left to close
    }
  }

  const read = (shelf: Shelf, queue: string, message: ServiceBusReceivedMessage): KeptMessage =>
    shelf === "rejected" ? rejectedMessage(message, senders) : deadLetter(queue, message);

  return {
    list: async (shelf, after) => {
      const queues = queuesOf(shelf);
      const first = after ? queues.indexOf(after.queue) : 0;
      const messages: KeptMessage[] = [];
      const missing: string[] = [];
      for (const queue of first === -1 ? [] : queues.slice(first)) {
        const from = queue === after?.queue ? after.sequence : "0";
        const found = await reading(shelf, queue, (receiver) =>
          peekFrom(receiver, from, PAGE - messages.length + 1),
        ).catch((error: unknown) => {
          if (!isWithoutEntity(error)) throw error;
          missing.push(queue); // one queue that is set up wrong hides none of the others
          return [];
        });
        const behind = (found ?? []).filter(({ sequenceNumber }) => sequenceNumber?.greaterThan(from));
        messages.push(...behind.slice(0, PAGE - messages.length).map((message) => read(shelf, queue, message)));
        if (messages.length === PAGE) return { messages, next: messages.at(-1)?.id, missing };
      }
      return { messages, next: undefined, missing };
    },
    find: (shelf, { queue, sequence }) =>
      reading(shelf, queue, async (receiver) => {
        const message = await peekOne(receiver, sequence);
        return message && read(shelf, queue, message);
      }),
    hold: (shelf, { queue, sequence }, work) =>
      reading(shelf, queue, async (receiver) => {
        const taken = await take(receiver, sequence);
        if (!taken) return undefined;
        const outcome = { isGone: false };
        const discard = async (): Promise<void> => {
          await receiver.completeMessage(taken);
          outcome.isGone = true;
        };
        const message = read(shelf, queue, taken);
        const held: HeldMessage = {
          message,
          discard,
          sendCopy: async (origin) => {
            const copyId = copyIdOf(shelf, message);
            const { contentType } = taken;
            await bus.send(origin, {
              messageId: copyId,
              body: Buffer.from(message.body),
              ...(contentType === undefined ? {} : { contentType }),
            });
            return copyId;
          },
        };
        try {
          return await work(held);
        } finally {
          if (!outcome.isGone) await receiver.deferMessage(taken).catch(() => undefined); // its lock ends by itself
        }
      }),
  };
}

/** Copies of one kept message have one id, so that the broker drops a second one; others have others. */
const copyIdOf = (shelf: Shelf, { id, originalId }: KeptMessage): string =>
  messageId(originalId.replace(/~[rd]\d+$/, ""), `~${shelf === "rejected" ? "r" : "d"}${id.sequence}`);

/** Up to so many messages with this number or a higher one, in their order. */
async function peekFrom(
  receiver: ServiceBusReceiver,
  sequence: string,
  count: number,
): Promise<readonly ServiceBusReceivedMessage[]> {
  const found: ServiceBusReceivedMessage[] = [];
  for (let from = sequence; found.length < count;) {
    // Always said: the client goes on where its last peek ended.
    const fromSequenceNumber = Long.fromString(from);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the client's types name the same class through the package's other module format
    const page = await receiver.peekMessages(count - found.length, { fromSequenceNumber });
    const last = page.at(-1)?.sequenceNumber;
    if (!last) break;
    found.push(...page);
    from = last.add(1).toString();
  }
  return found;
}

async function peekOne(receiver: ServiceBusReceiver, sequence: string): Promise<ServiceBusReceivedMessage | undefined> {
  const [message] = await peekFrom(receiver, sequence, 1);
  return message?.sequenceNumber?.equals(sequence) ? message : undefined;
}

/**
 * Locks one message. Service Bus gives out by number only what is deferred, so those before it are deferred: nobody else
 * receives from here, and unlike those that are abandoned they do not come nearer to being given up. They are settled one
 * after the other: the client mixes up outcomes that are sent at once.
 */
async function take(receiver: ServiceBusReceiver, sequence: string): Promise<ServiceBusReceivedMessage | undefined> {
  for (;;) {
    const wanted = await peekOne(receiver, sequence);
    if (!wanted?.sequenceNumber) return undefined;
    if (wanted.state === "deferred") return (await receiver.receiveDeferredMessages(wanted.sequenceNumber))[0];
    const ahead = (await peekFrom(receiver, "0", MOST_AHEAD)).filter(
      ({ state, sequenceNumber }) => state === "active" && sequenceNumber?.lessThanOrEqual(sequence),
    );
    const received = await receiver.receiveMessages(Math.max(ahead.length, 1), { maxWaitTimeInMs: COMES_WITHIN_MS });
    if (received.length === 0) throw new DependencyError("Unavailable", "the message is held by somebody else");
    let taken: ServiceBusReceivedMessage | undefined;
    for (const message of received)
      if (message.sequenceNumber?.equals(sequence)) taken = message;
      else await receiver.deferMessage(message);
    if (taken) return taken;
  }
}

function rejectedMessage(message: ServiceBusReceivedMessage, senders: readonly string[]): KeptMessage {
  const { sender, queue, originalId, reason, description, truncated } = message.applicationProperties ?? {};
  const from = typeof sender === "string" && senders.includes(sender) ? requestQueue(sender) : undefined;
  return {
    ...common(REJECTED_QUEUE, message),
    origin: queue === HANDOVER_QUEUE ? HANDOVER_QUEUE : from,
    originalId: textOf(originalId) ?? textOf(message.messageId) ?? "",
    reason: textOf(reason),
    description: textOf(description),
    isWhole: truncated !== true,
  };
}

function deadLetter(queue: string, message: ServiceBusReceivedMessage): KeptMessage {
  return {
    ...common(queue, message),
    origin: queue,
    originalId: textOf(message.applicationProperties?.["originalId"]) ?? textOf(message.messageId) ?? "",
    reason: message.deadLetterReason,
    description: message.deadLetterErrorDescription,
    isWhole: true,
  };
}

const common = (queue: string, message: ServiceBusReceivedMessage) => ({
  id: { queue, sequence: message.sequenceNumber?.toString() ?? "0" },
  enqueuedAt: instant(message.enqueuedTimeUtc?.getTime() ?? 0),
  deliveries: message.deliveryCount ?? 0,
  body: bytesOf(message),
});

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? `${value}` : undefined;

/** A body of several sections is their bytes one after the other; one that is no bytes is kept as its JSON. */
function bytesOf({ body, _rawAmqpMessage }: ServiceBusReceivedMessage): Uint8Array {
  const content = body as unknown;
  if (content === undefined || content === null) return new Uint8Array();
  if (content instanceof Uint8Array) return content;
  if (_rawAmqpMessage.bodyType === "data" && Array.isArray(content)) return Buffer.concat(content as Uint8Array[]);
  return Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
}
