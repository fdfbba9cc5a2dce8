import type { ActivationId } from "../domain/ids.ts";
import type { TicketSystemName } from "../domain/ticket.ts";
import type { Instant } from "../domain/time.ts";

/** The only way from a door to the orchestrations. Both calls may be repeated; a lost one is repeated by the sweeper. */
export interface WorkflowGateway {
  /** Starts the activation's orchestration unless it runs already. */
  start(id: ActivationId): Promise<void>;
  /** Says "look at your rows". Carries nothing. */
  ring(id: ActivationId): Promise<void>;
  /** Has the sign-ins that wait for this freeze counted: starts its orchestration, or rings the one that runs. */
  resumeGrants(freezeId: ActivationId): Promise<void>;
  /** Whether an orchestration of this activation is under way. */
  isRunning(id: ActivationId): Promise<boolean>;
  /** Has a ticket delivery worked through apart from the call; the same key runs once at a time. Durable when it answers. */
  handleTicketEvent(
    key: string,
    event: {
      readonly system: TicketSystemName;
      readonly number: string;
      readonly deliveryId: string;
      readonly receivedAt: Instant;
    },
  ): Promise<void>;
}
