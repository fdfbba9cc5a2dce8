import type { Step } from "../shared/domain/next-step.ts";
import type { Instant } from "../shared/domain/time.ts";
import type { TicketEventFacts } from "./catalog.ts";
import { durableLoop } from "./loop.ts";

type TicketEventStep = Step<"handleTicketEvent", { readonly handled: boolean }>;

/** Works one delivery through: an unreachable ticket system is asked again until the delivery is too old to matter. */
function nextStep(facts: TicketEventFacts, now: Instant): TicketEventStep {
  if (facts.handled || now >= facts.giveUpAt) return { kind: "finish", result: { handled: facts.handled } };
  return { kind: "act", act: "handleTicketEvent", key: "handle" };
}

/** What a ticket webhook announces, handled apart from the call so that the sender is answered at once. */
export const ticketEventOrchestrator = durableLoop({ read: "readTicketEvent", onBell: "readTicketEvent", nextStep });
