import { setTimeout as pause } from "node:timers/promises";
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from "@azure/service-bus";
import { afterAll } from "vitest";
import type { RunningApp, Wish } from "./running-app.ts";
import { RETRY_OPTIONS } from "./service-bus.ts";

const DEADLINE_MS = 60_000;
const LOOK_MS = 5;
const MOST_PEEKED = 500;

interface Counts {
  readonly entity: string;
  readonly active: number;
  readonly scheduled: number;
}

/** What a sender writes for a wish. */
export const aRequest = (wish: Wish, ticket: string, more: object = {}): Readonly<Record<string, unknown>> => ({
  version: 1,
  requestId: `request-${ticket}`,
  person: wish.person,
  role: wish.role,
  duration: wish.duration,
  justification: `Work for ${wish.role}`,
  ticket: { system: "servicenow", number: ticket },
  ...more,
});

/** Systems that send, and somebody who looks into the queues. Call it inside `describe`. */
export function useRequestMessages(app: () => RunningApp): RequestMessages {
  const messages = new RequestMessages(app);
  afterAll(() => messages.close());
  return messages;
}

export class RequestMessages {
  readonly #app: () => RunningApp;
  #client: ServiceBusClient | undefined;

  constructor(app: () => RunningApp) {
    this.#app = app;
  }

  /** Bytes and text are sent as they are, everything else as its JSON. */
  async send(sender: string, body: unknown, more: Partial<ServiceBusMessage> = {}): Promise<void> {
    const bytes = body instanceof Uint8Array ? Buffer.from(body) : undefined;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    await this.sendMessages(sender, [{ body: bytes ?? Buffer.from(text), ...more }]);
  }

  /** Each on its own, all at once. */
  async sendMessages(sender: string, messages: readonly ServiceBusMessage[]): Promise<void> {
    const link = this.#connect().createSender(`requests-${sender}`);
    await Promise.all(messages.map((message) => link.sendMessages(message)));
    await link.close();
  }

  /** Waits until no message is left on a sender's queue that could be taken now, and the app has nothing left to do. */
  async taken(): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      await this.#app().stack.settle();
      const waiting = (await this.counts()).filter(({ entity, active }) => isSenders(entity) && active > 0);
      if (waiting.length === 0) break;
      if (performance.now() > deadline) throw new Error(`not taken: ${JSON.stringify(waiting)}`);
      await pause(LOOK_MS);
    }
    await this.#app().stack.settle();
  }

  /** Moves the clock in steps; at each, what is due is taken. */
  async advance(ms: number, steps = 1): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await this.#app().stack.clock.advance(ms / steps);
      await this.taken();
    }
  }

  async counts(): Promise<readonly Counts[]> {
    return (await this.#app().stack.call("broker", "entities")) as readonly Counts[];
  }

  async scheduled(sender: string): Promise<number> {
    return (await this.counts()).find(({ entity }) => entity === `requests-${sender}`)?.scheduled ?? 0;
  }

  /** All copies of rejected messages, in their order. */
  rejected(): Promise<readonly ServiceBusReceivedMessage[]> {
    return this.#peek("requests-rejected");
  }

  /** How many messages crashed whoever handled them. */
  async deadLetters(): Promise<number> {
    const queues = (await this.counts()).filter(({ entity }) => /^requests-.*\/\$DeadLetterQueue$/.test(entity));
    if (queues.length === 0) throw new Error("no dead-letter queue is counted");
    return queues.reduce((sum, { active }) => sum + active, 0);
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  /** With a client of its own, because each goes on where it stopped. */
  async #peek(queue: string): Promise<readonly ServiceBusReceivedMessage[]> {
    const client = new ServiceBusClient(this.#app().stack.addresses.serviceBus, { retryOptions: RETRY_OPTIONS });
    const messages = await client.createReceiver(queue).peekMessages(MOST_PEEKED);
    await client.close();
    return messages;
  }

  #connect(): ServiceBusClient {
    this.#client ??= new ServiceBusClient(this.#app().stack.addresses.serviceBus, { retryOptions: RETRY_OPTIONS });
    return this.#client;
  }
}

const isSenders = (entity: string): boolean =>
  entity.startsWith("requests-") && !entity.includes("/") && entity !== "requests-rejected";
