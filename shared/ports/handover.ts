import type { ActivationId } from "../domain/ids.ts";
import type { RequestQueues } from "./request-queues.ts";
import type { TicketEvent } from "./workflow-gateway.ts";

/** What a door hands over to the worker instead of doing it at once. */
export type Handover =
  | { readonly kind: "start" | "ring"; readonly activationId: ActivationId }
  | { readonly kind: "resumeGrants"; readonly freezeId: ActivationId }
  | { readonly kind: "change"; readonly changeId: ActivationId }
  | { readonly kind: "ticketEvent"; readonly key: string; readonly event: TicketEvent };

/** The queue between the doors and the worker. Durable when it answers. @throws DependencyError */
export interface HandoverQueue extends RequestQueues {
  /** The same start or ticket event again is dropped while the broker remembers it; every other bell is delivered. */
  send(handover: Handover): Promise<void>;
}
