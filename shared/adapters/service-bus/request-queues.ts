import { sha256Hex } from "../../crypto/digest.ts";
import type { RequestQueues } from "../../ports/request-queues.ts";
import type { Bus } from "./client.ts";

export const REJECTED_QUEUE = "requests-rejected";

export const requestQueue = (sender: string): string => `requests-${sender}`;

/** Room in a message of 256 KiB for its properties. */
const MOST_BYTES = 200 * 1024;

/** The queues of requests over Service Bus. */
export const createRequestQueues = (bus: Bus): RequestQueues => ({
  again: ({ sender, originalId, body, attempt, firstAt }, deliverAt) =>
    bus.send(requestQueue(sender), {
      messageId: messageId(originalId, `~${attempt}`),
      body: Buffer.from(body),
      scheduledEnqueueTimeUtc: new Date(deliverAt),
      applicationProperties: { originalId, attempt, firstAt },
    }),
  reject: ({ sender, originalId, body }, { reason, description, at }) =>
    bus.send(REJECTED_QUEUE, {
      messageId: messageId(`${sender}-${originalId}`, ""),
      subject: reason,
      body: Buffer.from(body.subarray(0, MOST_BYTES)),
      applicationProperties: {
        sender,
        originalId: originalId.slice(0, 128),
        reason,
        description: description.slice(0, 1_000),
        rejectedAt: at,
        truncated: body.length > MOST_BYTES,
      },
    }),
});

/** At most 128 characters; what is longer keeps apart by its digest. */
const messageId = (id: string, suffix: string): string =>
  `${id.length + suffix.length <= 128 ? id : sha256Hex(id)}${suffix}`;
