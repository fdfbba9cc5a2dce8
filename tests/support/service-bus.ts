import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ServiceBusClient,
  type ServiceBusMessage,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from "@azure/service-bus";
import { afterAll, beforeAll } from "vitest";
import { readConfigFile } from "../../local/broker/config/config-file.ts";
import { createBroker } from "../../local/broker/service.ts";
import { purge } from "./service-bus-purge.ts";

/** The entities the suite needs, for Azure, the official emulator and our broker alike. */
const ENTITIES = join(import.meta.dirname, "service-bus-entities.json");
export const RETRY_OPTIONS = { retryDelayInMs: 200, maxRetries: 2 };

export const QUEUE = {
  plain: "plain",
  shortLock: "short-lock",
  twoTries: "two-tries",
  unique: "unique",
  sessions: "sessions",
  shortSessions: "short-sessions",
  expiring: "expiring",
  vanishing: "vanishing",
  forwarded: "forwarded",
  forwardGoal: "forward-goal",
  deadForwarded: "dead-forwarded",
  deadGoal: "dead-goal",
} as const;
const TARGET = process.env["SERVICEBUS_CONNECTION_STRING"];
const NOT_LONG_MS = 500;
const PURGE_WITHIN_MS = 120_000;
let address = "";

/** Whether the target is Azure's own service; what it does otherwise is left out there, with the reason. */
export const IS_AZURE = /Endpoint=sb:\/\/[^;]*\.servicebus\.[a-z]+\./i.test(TARGET ?? "");

export const TOPIC = { news: "news" } as const;

/**
 * A client for one suite: of the namespace in SERVICEBUS_CONNECTION_STRING, whose entities are emptied before, otherwise
 * of a broker of its own. Call it inside `describe`; what it answers works from the first test on.
 */
export function useServiceBus(): () => ServiceBusClient {
  const directory = mkdtempSync(join(tmpdir(), "service-bus-"));
  let client: ServiceBusClient | undefined;
  let stop = async (): Promise<void> => undefined;
  beforeAll(async () => {
    if (TARGET === undefined) {
      const broker = createBroker({ config: readConfigFile(ENTITIES), directory, port: 0 });
      await broker.start();
      address = broker.connectionString;
      stop = () => broker.stop();
    } else address = TARGET;
    client = new ServiceBusClient(address, { retryOptions: RETRY_OPTIONS });
    if (TARGET !== undefined) await purge(client, ENTITIES);
  }, PURGE_WITHIN_MS);
  afterAll(async () => {
    await client?.close();
    await stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    if (!client) throw new Error("the client is not there before the first test");
    return client;
  };
}

/** A message that can be told from those of other tests. */
export const aMessage = (fields: Partial<ServiceBusMessage> = {}): ServiceBusMessage & { messageId: string } => {
  const messageId = randomUUID();
  return { body: { text: messageId }, messageId, ...fields } as ServiceBusMessage & { messageId: string };
};

/** The next message. @throws Error if none comes */
export async function receiveOne(receiver: ServiceBusReceiver, withinMs = 10_000): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: withinMs });
  if (!message) throw new Error(`no message came to ${receiver.entityPath}`);
  return message;
}

/** Exactly so many messages, in their order, each completed. */
export async function receiveAll(receiver: ServiceBusReceiver, count: number): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = [];
  while (messages.length < count) messages.push(await receiveOne(receiver));
  for (const message of messages) await receiver.completeMessage(message); // not at once: see local/broker/README.md
  return messages;
}

/** What has come by now, if anything; nothing is waited for. */
export const receiveNothing = (receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage[]> =>
  receiver.receiveMessages(1, { maxWaitTimeInMs: NOT_LONG_MS });

/** What there is, locked or not; taken by a client of its own, because each goes on where it stopped. */
export async function peekAll(queue: string): Promise<ServiceBusReceivedMessage[]> {
  const client = new ServiceBusClient(address);
  const messages = await client.createReceiver(queue).peekMessages(100);
  await client.close();
  return messages;
}
