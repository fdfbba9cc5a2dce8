import type { InvocationContext } from "@azure/functions";
import type { z } from "zod";
import { handoverMessage } from "../../shared/contracts/handover-message.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { RequestQueues } from "../../shared/ports/request-queues.ts";
import type { WorkflowGateway } from "../../shared/ports/workflow-gateway.ts";
import type { Log } from "../worker.ts";
import { WORKER } from "../activation/change.ts";
import { deliveryOf } from "./message-delivery.ts";
import { reject, tryLater } from "./put-back.ts";
import { parseMessage } from "./read-message.ts";

/** What the worker's end of the queue works with. */
export interface HandoverDoor {
  readonly clock: Clock;
  readonly audit: Pick<AuditLog, "append">;
  readonly handover: RequestQueues;
  /** The one that touches the task hub. */
  readonly gatewayOf: (context: InvocationContext) => WorkflowGateway;
  readonly log: Log;
}

/** In place of a sender: the trail names the queue. */
const QUEUE = "ticket-events";

/**
 * One message from the doors. May run twice, like every call of the gateway. A ticket event that fails comes again after
 * a growing pause, because nothing else would bring it back. A start or a bell is left to the trigger, which delivers it
 * again at once; where that is no use either `ringDue` rings. What is not ours is kept with the reason.
 */
export const receiveHandover =
  (door: HandoverDoor) =>
  async (body: unknown, context: InvocationContext): Promise<void> => {
    const delivery = deliveryOf(QUEUE, body, context.triggerMetadata ?? {}, door.clock.now());
    const ports = { ...door, requests: door.handover, actor: WORKER };
    const read = parseMessage(delivery.body, handoverMessage);
    if (!("message" in read)) return reject(ports, delivery, read);
    try {
      await handOn(door.gatewayOf(context), read.message);
    } catch (error) {
      if (read.message.kind !== "ticketEvent") throw error;
      await tryLater(ports, delivery, asFault(error));
    }
  };

function handOn(gateway: WorkflowGateway, message: z.output<typeof handoverMessage>): Promise<void> {
  switch (message.kind) {
    case "start":
      return gateway.start(message.activationId);
    case "ring":
      return gateway.ring(message.activationId);
    case "resumeGrants":
      return gateway.resumeGrants(message.freezeId);
    case "change":
      return gateway.change(message.changeId);
    case "ticketEvent":
      return gateway.handleTicketEvent(message.key, message.event);
  }
}

/** The task hub's client has errors of its own: none of them lasts. */
const asFault = (error: unknown): DependencyError =>
  error instanceof DependencyError ? error : new DependencyError("Unavailable", "task hub", { cause: error });
