import type { ServiceBusMessage } from "@azure/service-bus";
import { sha256Hex } from "../../crypto/digest.ts";
import type { Instant } from "../../domain/time.ts";
import type { ReceivedMessage, RepeatedMessage, RequestQueues } from "../../ports/request-queues.ts";

export const REJECTED_QUEUE = "requests-rejected";

/** The copy that comes again at the instant. */
export const copyToRepeat = (
  { originalId, body, truncated, attempt, firstAt, expiresAt }: RepeatedMessage,
  deliverAt: Instant,
): ServiceBusMessage => ({
  messageId: messageId(originalId, `~${attempt}`),
  body: Buffer.from(body),
  scheduledEnqueueTimeUtc: new Date(deliverAt),
  applicationProperties: { originalId, attempt, firstAt, truncated, ...(expiresAt && { expiresAt }) },
});

/** The copy that is kept: what came, where it came from, and why it is no use. */
export const copyToKeep = (
  { originalId, body, truncated }: ReceivedMessage,
  from: { readonly sender: string } | { readonly queue: string },
  { id, reason, description, at }: Parameters<RequestQueues["reject"]>[1],
): ServiceBusMessage => ({
  messageId: id,
  subject: reason,
  body: Buffer.from(body),
  applicationProperties: { ...from, originalId, reason, description, rejectedAt: at, truncated },
});

/** At most 128 characters; what is longer keeps apart by its digest. */
export const messageId = (id: string, suffix: string): string =>
  `${id.length + suffix.length <= 128 ? id : sha256Hex(id)}${suffix}`;
