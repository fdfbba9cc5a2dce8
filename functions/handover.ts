import type { HandoverQueue } from "../shared/ports/handover.ts";
import type { SweeperGateway, WorkflowGateway } from "../shared/ports/workflow-gateway.ts";
import type { Log } from "./worker.ts";

/**
 * The gateway of a front that may not touch the task hub: a queue to the worker. A start or a bell that cannot be sent
 * fails no door, because its row is written and the sweeper rings; a ticket event has no row yet, and its sender is to
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

/**
 * The gateway of a sweeper that may not touch the task hub. It wakes: whether the orchestration runs or is gone is for
 * the worker to see. Whether one runs it cannot know.
 */
export function sweeperQueueGateway(queue: HandoverQueue, log: Log): SweeperGateway {
  return {
    ...queueGateway(queue, log),
    start: (activationId) => queue.send({ kind: "wake", activationId }),
    ring: () => Promise.resolve(), // a wake rings too
    isRunning: () => Promise.resolve(undefined),
  };
}
