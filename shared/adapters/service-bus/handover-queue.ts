import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { handoverMessage } from "../../contracts/handover-message.ts";
import type { Handover, HandoverQueue } from "../../ports/handover.ts";
import type { Bus } from "./client.ts";
import { copyToKeep, copyToRepeat, REJECTED_QUEUE } from "./message-copies.ts";

export const HANDOVER_QUEUE = "ticket-events";

/** The queue from the doors to the worker over Service Bus. */
export const createHandoverQueue = (bus: Bus): HandoverQueue => ({
  send: (handover) =>
    bus.send(HANDOVER_QUEUE, {
      messageId: idOf(handover),
      contentType: "application/json",
      body: Buffer.from(JSON.stringify({ version: 1, ...handover } satisfies z.input<typeof handoverMessage>)),
    }),
  again: (message, deliverAt) => bus.send(HANDOVER_QUEUE, copyToRepeat(message, deliverAt)),
  reject: (message, why) => bus.send(REJECTED_QUEUE, copyToKeep(message, { queue: HANDOVER_QUEUE }, why)),
});

/**
 * What is the same however often it is sent has an id that the broker knows again. A bell never has: it may announce a
 * row that was written after the bell before it was heard.
 */
function idOf(handover: Handover): string {
  switch (handover.kind) {
    case "ticketEvent":
      return `ticket-${handover.key}`;
    case "start":
      return `start-${handover.activationId}`;
    case "ring":
    case "resumeGrants":
    case "change":
      return `${handover.kind}-${randomUUID()}`;
  }
}
