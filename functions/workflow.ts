import type { DurableClient } from "durable-functions";
import { BELL, ORCHESTRATORS, type TicketEventInput } from "../orchestrations/catalog.ts";
import type { DirectGateway } from "../shared/ports/workflow-gateway.ts";

const ENDED = ["Completed", "Failed", "Terminated", "Canceled"];

/** The gateway for a function that holds a Durable client. Instance ids are made of checked ids only: the SDK encodes nothing. */
export function durableGateway(client: DurableClient): DirectGateway {
  const start = async (orchestrator: string, instanceId: string, input: unknown): Promise<void> => {
    try {
      await client.startNew(orchestrator, { instanceId, input });
    } catch (error) {
      if (!(await isUnderWay(instanceId))) throw error; // 409 or 500: it runs already
    }
  };
  const isUnderWay = async (instanceId: string): Promise<boolean> => {
    try {
      return !ENDED.includes((await client.getStatus(instanceId)).runtimeStatus);
    } catch {
      return false; // not found
    }
  };
  return {
    start: (id) => start(ORCHESTRATORS.activation, `activation-${id}`, { id }),
    async ring(id) {
      try {
        await client.raiseEvent(`activation-${id}`, BELL, {});
      } catch {
        // not started or ended: the first read of the next start sees the rows
      }
    },
    async resumeGrants(id) {
      await start(ORCHESTRATORS.resume, `resume-${id}`, { id });
      try {
        await client.raiseEvent(`resume-${id}`, BELL, {});
      } catch {
        // it ended meanwhile: the sweeper starts it again while the freeze is in force
      }
    },
    isRunning: (id) => isUnderWay(`activation-${id}`),
    handleTicketEvent: (key: string, event: TicketEventInput) =>
      start(ORCHESTRATORS.ticketEvent, `ticket-event-${key}`, event),
  };
}
