import type { ExaminedPart, QueueFacts } from "../../domain/doctor.ts";
import type { QueueProbe } from "../../ports/doctor.ts";
import { busError, type Bus } from "./client.ts";
import { EVENT_TOPIC } from "./event-publisher.ts";
import { HANDOVER_QUEUE } from "./handover-queue.ts";
import { REJECTED_QUEUE } from "./message-copies.ts";
import { requestQueue } from "./request-queues.ts";

/** Dead letters are counted so far. */
const PAGE = 100;

/** What is received from is looked into, dead letters too; the rest is only opened to send, and nothing is sent. */
export function createQueueProbe({ client }: Bus, senders: readonly string[]): QueueProbe {
  const requests = senders.map(requestQueue);
  const used: Readonly<
    Record<ExaminedPart, { readonly received: readonly string[]; readonly sent: readonly string[] }>
  > = {
    all: { received: [...requests, HANDOVER_QUEUE, REJECTED_QUEUE], sent: [EVENT_TOPIC] },
    front: { received: [...requests, HANDOVER_QUEUE, REJECTED_QUEUE], sent: [] },
    worker: { received: [...requests, HANDOVER_QUEUE], sent: [REJECTED_QUEUE, EVENT_TOPIC] },
    sweeper: { received: [], sent: [EVENT_TOPIC] },
  };
  const counted = async (name: string, subQueueType?: "deadLetter"): Promise<number> => {
    const receiver = client.createReceiver(name, subQueueType ? { subQueueType } : {});
    try {
      return (await receiver.peekMessages(subQueueType ? PAGE : 1)).length;
    } finally {
      await receiver.close().catch(() => undefined);
    }
  };
  const look = async (name: string): Promise<number> => {
    await counted(name);
    return counted(name, "deadLetter");
  };
  const open = async (name: string): Promise<number> => {
    const sender = client.createSender(name);
    try {
      await sender.createMessageBatch(); // asks the broker how large a message may be
      return 0;
    } finally {
      await sender.close().catch(() => undefined);
    }
  };
  const facts = async (name: string, reach: (name: string) => Promise<number>): Promise<QueueFacts> => {
    try {
      return { name, problem: undefined, deadLetters: await reach(name) };
    } catch (error) {
      return { name, problem: busError(name, error).message, deadLetters: 0 };
    }
  };
  return {
    reach: (part) =>
      Promise.all([
        ...used[part].received.map((name) => facts(name, look)),
        ...used[part].sent.map((name) => facts(name, open)),
      ]),
  };
}
