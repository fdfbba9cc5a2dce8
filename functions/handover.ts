import type { HandoverQueue } from "../shared/ports/handover.ts";
import type { WorkflowGateway } from "../shared/ports/workflow-gateway.ts";
import type { Log } from "./worker.ts";

/**
 * The gateway of a front that may not touch the task hub: a queue to the worker. A start or a bell that cannot be sent
 * fails no door, because its row is written and the worker looks
 * for it every minute; a ticket event has no row yet, and its sender is to
 * try again.
 */
export function queueGateway(queue: HandoverQueue, log: Log): WorkflowGateway {
  const bell = async (handover: Parameters<HandoverQueue["send"]>[0]): Promise<void> => {
    try {
      await queue.send(handover);
    } catch (error) {
      log("warn", "bell lost", { ...handover, problem: error instanceof Error ? error.message : "unknown" });
    }
  };
  return {
    start: (activationId) => bell({ kind: "start", activationId }),
    ring: (activationId) => bell({ kind: "ring", activationId }),
    resumeGrants: (freezeId) => bell({ kind: "resumeGrants", freezeId }),
    change: (changeId) => bell({ kind: "change", changeId }),
    handleTicketEvent: (key, event) => queue.send({ kind: "ticketEvent", key, event }),
  };
}
