import type { Step } from "../shared/domain/next-step.ts";
import type { TicketEventFacts } from "./catalog.ts";
import { durableLoop } from "./loop.ts";

/**
 * What a ticket webhook announces, handled apart from the call so that the sender is answered at once. Handling is
 * repeated, with growing pauses, while the ticket system cannot be asked; there is nothing else to wait for.
 */
export const ticketEventOrchestrator = durableLoop({
  read: "handleTicketEvent",
  onBell: "handleTicketEvent",
  nextStep: (facts: TicketEventFacts): Step<never, TicketEventFacts> => ({ kind: "finish", result: facts }),
});
