import { sha256Hex } from "../../crypto/digest.ts";
import type { RequestQueues } from "../../ports/request-queues.ts";
import type { Bus } from "./client.ts";

export const REJECTED_QUEUE = "requests-rejected";

export const requestQueue = (sender: string): string => `requests-${sender}`;

/** The queues of requests over Service Bus. */
export const createRequestQueues = (bus: Bus): RequestQueues => ({
  again: ({ sender, originalId, body, truncated, attempt, firstAt, expiresAt }, deliverAt) =>
    bus.send(requestQueue(sender), {
      messageId: messageId(originalId, `~${attempt}`),
      body: Buffer.from(body),
      scheduledEnqueueTimeUtc: new Date(deliverAt),
      applicationProperties: { originalId, attempt, firstAt, truncated, ...(expiresAt && { expiresAt }) },
    }),
  reject: ({ sender, originalId, body, truncated }, { id, reason, description, at }) =>
    bus.send(REJECTED_QUEUE, {
      messageId: id,
      subject: reason,
      body: Buffer.from(body),
      applicationProperties: { sender, originalId, reason, description, rejectedAt: at, truncated },
    }),
});

/** At most 128 characters; what is longer keeps apart by its digest. */
const messageId = (id: string, suffix: string): string =>
  `${id.length + suffix.length <= 128 ? id : sha256Hex(id)}${suffix}`;
