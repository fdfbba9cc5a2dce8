import { isSelfMade } from "../../shared/domain/opening.ts";
import type { ActivationRequest } from "../../shared/domain/activation.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { RolePolicy } from "../../shared/domain/policy.ts";
import { evidenceChanges, evidenceOf, type Ticket } from "../../shared/domain/ticket.ts";
import { plus, type Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { planFor } from "../activities/open-activation.ts";
import type { Worker } from "../worker.ts";
import { closed, closingOf, event } from "./change.ts";
import { freezeRequest } from "./frozen-request.ts";
import { messagesFor } from "./messages.ts";

/**
 * The ticket says something else than what people signed in for: a new revision of the request is frozen, every earlier
 * sign-in counts no more, and everybody is asked again, old and new side by side.
 */
export async function supersede(
  worker: Worker,
  record: ActivationRecord,
  known: {
    readonly request: ActivationRequest;
    readonly role: RolePolicy;
    readonly person: Person;
    readonly ticket: Ticket;
  },
  done: readonly string[],
  now: Instant,
): Promise<ActivationRecord> {
  const { request, role, person, ticket } = known;
  const key = `revision-${request.revision + 1}`;
  const plan = await planFor(worker, role, person, isSelfMade(ticket, person));
  if ("refusal" in plan) {
    const closing = closingOf(plan.refusal.reason, plan.refusal.detail ?? null);
    return worker.store.transition(record, {
      key,
      state: closed("Failed", closing, now),
      events: [event("ActivationClosed", now, { closing })],
      pending: messagesFor(worker, request, now).closed(key, [request.person], "not possible any more", closing),
      done,
    });
  }
  const changes = evidenceChanges(request.evidence, evidenceOf(ticket));
  const next: ActivationRequest = {
    ...request,
    revision: request.revision + 1,
    evidence: evidenceOf(ticket),
    approval: plan.approval,
    approvers: plan.approvers,
    requirements: plan.requirements,
    policyHash: worker.policies.policy.hash,
  };
  const stepUpBy = plus(now, role.stepUp.withinMs);
  return worker.store.transition(record, {
    key,
    state: { status: "AwaitingStepUp", since: now, stepUpBy },
    request: freezeRequest(worker.sealing, next),
    events: [
      event("TicketChanged", now, {
        fields: changes.map(({ field }) => field),
        revision: next.revision,
        effect: "askedAgain",
      }),
    ],
    pending: messagesFor(worker, next, now).askStepUp(key, stepUpBy, changes),
    done,
    listedFor: next.approvers.map(({ person: approver }) => approver),
  });
}
