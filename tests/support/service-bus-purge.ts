import { readFileSync } from "node:fs";
import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusReceiverOptions,
} from "@azure/service-bus";
import Long from "long";

interface Named {
  readonly Name: string;
  readonly Properties: { readonly RequiresSession?: boolean; readonly ForwardTo?: string };
  readonly Subscriptions?: readonly Named[];
}

const OPTIONS = { receiveMode: "receiveAndDelete" } as const satisfies ServiceBusReceiverOptions;
const PAGE = 100;
const COMES_WITHIN_MS = 1_000;

/**
 * Removes what earlier runs have left in the queues and subscriptions of an entity file. Waits for what is locked until
 * its lock has ended.
 */
export async function purge(client: ServiceBusClient, entityFile: string): Promise<void> {
  const file = JSON.parse(readFileSync(entityFile, "utf8")) as {
    readonly UserConfig: { readonly Namespaces: readonly { Queues: readonly Named[]; Topics: readonly Named[] }[] };
  };
  const work: Promise<void>[] = [];
  for (const { Queues, Topics } of file.UserConfig.Namespaces) {
    for (const queue of Queues) work.push(...purgeQueue(client, queue));
    for (const topic of Topics)
      for (const { Name, Properties } of topic.Subscriptions ?? [])
        if (Properties.ForwardTo === undefined) work.push(empty(client.createReceiver(topic.Name, Name, OPTIONS)));
  }
  await Promise.all(work);
}

function purgeQueue(client: ServiceBusClient, { Name, Properties }: Named): Promise<void>[] {
  const dead = empty(client.createReceiver(Name, { ...OPTIONS, subQueueType: "deadLetter" }));
  if (Properties.ForwardTo !== undefined) return [dead];
  const receiver = client.createReceiver(Name, OPTIONS);
  const cancel = async (numbers: readonly Long[]): Promise<void> => {
    const sender = client.createSender(Name);
    await sender.cancelScheduledMessages([...numbers]);
    await sender.close();
  };
  return [dead, Properties.RequiresSession === true ? emptySessions(client, Name, receiver) : empty(receiver, cancel)];
}

async function empty(
  receiver: ServiceBusReceiver,
  cancel: (numbers: readonly Long[]) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (;;) {
    const messages = await peek(receiver);
    if (messages.length === 0) break;
    const scheduled = messages.filter(isStillScheduled);
    const deferred = messages.filter(({ state }) => state === "deferred");
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as in peek
    if (scheduled.length > 0) await cancel(numbersOf(scheduled));
    if (deferred.length > 0) await receiver.receiveDeferredMessages(numbersOf(deferred));
    if (messages.length > scheduled.length + deferred.length)
      await receiver.receiveMessages(PAGE, { maxWaitTimeInMs: COMES_WITHIN_MS });
  }
  await receiver.close();
}

const numbersOf = (messages: readonly ServiceBusReceivedMessage[]) =>
  messages.flatMap(({ sequenceNumber }) => (sequenceNumber ? [sequenceNumber] : []));

/** The state stays "scheduled" when the message has come due. */
const isStillScheduled = ({ state, scheduledEnqueueTimeUtc }: ServiceBusReceivedMessage): boolean =>
  state === "scheduled" && Number(scheduledEnqueueTimeUtc) > Date.now();

async function emptySessions(client: ServiceBusClient, queue: string, receiver: ServiceBusReceiver): Promise<void> {
  for (;;) {
    const sessionId = (await peek(receiver))[0]?.sessionId;
    if (sessionId === undefined) break;
    const session = await client.acceptSession(queue, sessionId, OPTIONS);
    await session.receiveMessages(PAGE, { maxWaitTimeInMs: COMES_WITHIN_MS });
    await session.close();
  }
  await receiver.close();
}

/** From the first one on: a client goes on where its last look ended. */
function peek(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage[]> {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the client's types name the same class through the package's other module format
  return receiver.peekMessages(PAGE, { fromSequenceNumber: Long.ZERO });
}
