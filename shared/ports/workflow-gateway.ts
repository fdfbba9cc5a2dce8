import type { ActivationId } from "../domain/ids.ts";
import type { TicketSystemName } from "../domain/ticket.ts";
import type { Instant } from "../domain/time.ts";

/** A ticket delivery that was found authentic. */
export interface TicketEvent {
  readonly system: TicketSystemName;
  readonly number: string;
  readonly deliveryId: string;
  readonly receivedAt: Instant;
}

/**
 * The only way from a door to the orchestrations: the Durable client, or the queue to a worker that holds one. Every call
 * may be repeated; a lost start or bell is made up for within a minute.
 */
export interface WorkflowGateway {
  /** Starts the activation's orchestration unless it runs already. */
  start(id: ActivationId): Promise<void>;
  /** Says "look at your rows". Carries nothing. */
  ring(id: ActivationId): Promise<void>;
  /** Has the sign-ins that wait for this freeze counted: starts its orchestration, or rings the one that runs. */
  resumeGrants(freezeId: ActivationId): Promise<void>;
  /** Has a change go on: starts its orchestration, or rings the one that runs. */
  change(id: ActivationId): Promise<void>;
  /** Has a ticket delivery worked through apart from the call; the same key runs once at a time. Durable when it answers. */
  handleTicketEvent(key: string, event: TicketEvent): Promise<void>;
}

/** The gateway of those who may touch the task hub. */
export interface DirectGateway extends WorkflowGateway {
  /** Starts the campaign's orchestration unless it runs already. */
  campaign(id: ActivationId): Promise<void>;
}
