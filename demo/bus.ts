import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from "@azure/service-bus";
import type { World } from "./world.ts";

/** A request as a sending system puts it into its queue. */
export interface RequestMessage {
  readonly version: number;
  readonly requestId: string;
  readonly person: string;
  readonly role: string;
  readonly duration: string;
  readonly justification: string;
  readonly ticket: { readonly system: string; readonly number: string };
}

/** An event as a subscriber gets it. */
export interface ActivationEvent {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly data: { readonly sequence: number; readonly hash: string };
}

/** Of an entity of the broker, by its own count. */
interface Counts {
  readonly entity: string;
  readonly active: number;
  readonly locked: number;
}

const TOPIC = "activation-events";
const REJECTED = "requests-rejected";
const RECEIVED_WITHIN_MS = 5_000;
const NOTHING_MORE_MS = 300;

/** Service Bus as other systems see it, through the client that everybody uses. */
class Bus {
  readonly #client: ServiceBusClient;

  constructor(client: ServiceBusClient) {
    this.#client = client;
  }

  /** All of them, in as few batches as they fit into. */
  async send(queue: string, messages: readonly ServiceBusMessage[]): Promise<void> {
    const sender = this.#client.createSender(queue);
    let batch = await sender.createMessageBatch();
    for (const message of messages) {
      if (batch.tryAddMessage(message)) continue;
      await sender.sendMessages(batch);
      batch = await sender.createMessageBatch();
      if (!batch.tryAddMessage(message)) throw new Error(`the message ${String(message.messageId)} is too large`);
    }
    await sender.sendMessages(batch);
    await sender.close();
  }

  /** The rejected copies, the oldest first; they stay where they are. */
  async rejected(): Promise<readonly ServiceBusReceivedMessage[]> {
    const receiver = this.#client.createReceiver(REJECTED, { skipParsingBodyAsJson: true });
    const messages = await receiver.peekMessages(100);
    await receiver.close();
    return messages;
  }

  /** Takes what a subscriber gets of one activation: so many events, and whatever comes after them. */
  async events(subscription: string, activationId: string, count: number): Promise<readonly ActivationEvent[]> {
    const receiver = await this.#client.acceptSession(TOPIC, subscription, activationId, {
      receiveMode: "receiveAndDelete",
    });
    const events: ActivationEvent[] = [];
    for (;;) {
      const maxWaitTimeInMs = events.length < count ? RECEIVED_WITHIN_MS : NOTHING_MORE_MS;
      const messages = await receiver.receiveMessages(count, { maxWaitTimeInMs });
      if (messages.length === 0) break;
      events.push(...messages.map(({ body }) => body as ActivationEvent));
    }
    await receiver.close();
    return events;
  }
}

export async function withBus<T>(world: World, work: (bus: Bus) => Promise<T>): Promise<T> {
  const client = new ServiceBusClient(world.stack.addresses.serviceBus, { retryOptions: { retryDelayInMs: 200 } });
  try {
    return await work(new Bus(client));
  } finally {
    await client.close();
  }
}

/** One request into a sender's queue, and what follows from it. */
export async function sendRequest(world: World, sender: string, request: RequestMessage): Promise<void> {
  const body = Buffer.from(JSON.stringify(request));
  await withBus(world, (bus) => bus.send(`requests-${sender}`, [{ messageId: request.requestId, body }]));
  await world.stack.settle();
}

/** Messages in an entity that are neither deferred nor scheduled. */
export async function messagesIn(world: World, entity: string): Promise<number> {
  const all = (await world.stack.call("broker", "entities")) as readonly Counts[];
  const found = all.find((one) => one.entity.toLowerCase() === entity.toLowerCase());
  if (!found) throw new Error(`the broker has no ${entity}`);
  return found.active;
}
