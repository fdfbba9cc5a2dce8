import type { ActivationState, UnheldEnd } from "../../shared/domain/activation.ts";
import type { ReasonCode } from "../../shared/domain/reasons.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { closed, closingOf, event } from "../activation/change.ts";
import { deliver } from "../activation/delivery.ts";
import { stateOf } from "../activation/facts.ts";
import { frozenRequest } from "../activation/frozen-request.ts";
import { messagesFor } from "../activation/messages.ts";
import type { Worker } from "../worker.ts";

/** Ends a request whose time ran out before it held the role. Run again it changes nothing. */
export async function closeActivation(worker: Worker, record: ActivationRecord): Promise<ActivationRecord> {
  const now = worker.clock.now();
  const late = lateness(stateOf(record));
  if (!late || now < late.since) return record;
  const closing = closingOf(late.reason);
  const request = frozenRequest(worker.sealing, record)?.request;
  const key = "closed";
  const asked = request ? [request.person, ...request.approvers.map(({ person }) => person)] : [];
  const ended = await worker.store.transition(record, {
    key,
    state: closed(late.status, closing, now),
    events: [event("ActivationClosed", now, { closing })],
    pending: request ? messagesFor(worker, request, now).closed(key, asked, "expired", closing) : [],
    done: ["start"],
    listedFor: [record.claim.person],
  });
  return deliver(worker, ended);
}

function lateness(
  state: ActivationState,
): { readonly since: string; readonly status: UnheldEnd; readonly reason: ReasonCode } | undefined {
  switch (state.status) {
    case "Requested":
      return { since: state.giveUpAt, status: "Failed", reason: "TicketSystemUnavailable" };
    case "AwaitingStepUp":
      return { since: state.stepUpBy, status: "Expired", reason: "StepUpTimedOut" };
    case "AwaitingApproval":
      return { since: state.decideBy, status: "Expired", reason: "ApprovalTimedOut" };
    case "Ready":
      return { since: state.lapsesAt, status: "Expired", reason: "WindowLapsed" };
    default:
      return undefined;
  }
}
