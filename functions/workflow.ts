import type { InvocationContext } from "@azure/functions";
import { getClient, input, type DurableClient } from "durable-functions";
import { BELL, ORCHESTRATORS, type TicketEventInput } from "../orchestrations/catalog.ts";
import type { ActivationId } from "../shared/domain/ids.ts";
import type { DirectGateway } from "../shared/ports/workflow-gateway.ts";

const ENDED = ["Completed", "Failed", "Terminated", "Canceled"];
/** What was started with the same content and came to its end needs no second start. */
const FAILED = ["Failed", "Terminated", "Canceled"];

/** The input that a function needs to touch the task hub. */
export const durableClient = input.durableClient();

/** For those who may touch the task hub: the worker, and the other parts where they run beside it. */
export const gatewayOf = (context: InvocationContext): DirectGateway => durableGateway(getClient(context));

/** The gateway for a function that holds a Durable client. Instance ids are made of checked ids only: the SDK encodes nothing. */
function durableGateway(client: DurableClient): DirectGateway {
  const start = async (orchestrator: string, instanceId: string, input: unknown, notIn = ENDED): Promise<void> => {
    try {
      await client.startNew(orchestrator, { instanceId, input });
    } catch (error) {
      if (!(await isThere(instanceId, notIn))) throw error; // 409 or 500: it runs already
    }
  };
  const isThere = async (instanceId: string, notIn: readonly string[]): Promise<boolean> => {
    try {
      return !notIn.includes((await client.getStatus(instanceId)).runtimeStatus);
    } catch {
      return false; // not found
    }
  };
  const startAndRing = async (orchestrator: string, instanceId: string, id: ActivationId): Promise<void> => {
    await start(orchestrator, instanceId, { id });
    try {
      await client.raiseEvent(instanceId, BELL, {});
    } catch {
      // it ended meanwhile: where something is left to do, `ringDue` starts it again
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
    resumeGrants: (id) => startAndRing(ORCHESTRATORS.resume, `resume-${id}`, id),
    change: (id) => startAndRing(ORCHESTRATORS.change, `change-${id}`, id),
    campaign: (id) => start(ORCHESTRATORS.campaign, `campaign-${id}`, { id }),
    handleTicketEvent: (key: string, event: TicketEventInput) =>
      start(ORCHESTRATORS.ticketEvent, `ticket-event-${key}`, event, FAILED),
  };
}
