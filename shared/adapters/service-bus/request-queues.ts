import type { RequestQueues } from "../../ports/request-queues.ts";
import type { Bus } from "./client.ts";
import { copyToKeep, copyToRepeat, REJECTED_QUEUE } from "./message-copies.ts";

export const requestQueue = (sender: string): string => `requests-${sender}`;

/** The queues of requests over Service Bus. */
export const createRequestQueues = (bus: Bus): RequestQueues => ({
  again: (message, deliverAt) => bus.send(requestQueue(message.sender), copyToRepeat(message, deliverAt)),
  reject: (message, why) => bus.send(REJECTED_QUEUE, copyToKeep(message, { sender: message.sender }, why)),
});
