import { randomBytes } from "node:crypto";
import type { InvocationContext } from "@azure/functions";
import type { ActivityHandler } from "durable-functions";
import type { TicketEventFacts, TicketEventInput } from "../../orchestrations/catalog.ts";
import type { ActivationId, PersonKey } from "../../shared/domain/ids.ts";
import { REASONS, refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { isRole } from "../../shared/domain/ticket-check.ts";
import type { Ticket } from "../../shared/domain/ticket.ts";
import { HOUR_MS, parseDuration, plus, SECOND_MS, type Instant } from "../../shared/domain/time.ts";
import type { WorkflowGateway } from "../../shared/ports/workflow-gateway.ts";
import { chooseHolding, type Wanted } from "../activation/choose-holding.ts";
import { event } from "../activation/change.ts";
import type { Worker } from "../worker.ts";
import { fetchTicket } from "./open-activation.ts";

/** A delivery older than this is not worked on any more. */
const GIVE_UP_MS = 4 * HOUR_MS;

/**
 * What a delivery means: every activation of the ticket reads it again; a ticket that names a person, a role and a
 * duration starts the activation of its assignee. Run again it adds nothing: claims and asks are insert-only.
 * @throws DependencyError while the ticket system or the directory cannot be asked
 */
export const handleTicketEvent =
  (worker: Worker, gatewayOf: (context: InvocationContext) => WorkflowGateway): ActivityHandler =>
  async (input: TicketEventInput, context: InvocationContext): Promise<TicketEventFacts> => {
    if (worker.clock.now() >= plus(input.receivedAt, GIVE_UP_MS)) return { handled: false };
    const gateway = gatewayOf(context);
    const reference = { system: input.system, number: input.number };
    const claims = await worker.store.claimsOf(reference);
    const now = worker.clock.now();
    for (const { activationId } of claims) {
      const added = await worker.store.ask({
        activationId,
        key: `ticket-${input.deliveryId}`,
        createdAt: now,
        dueAt: plus(now, 30 * SECOND_MS),
        body: { kind: "ticket", deliveryId: input.deliveryId, notBefore: null },
      });
      if (added) await gateway.ring(activationId);
    }
    const ticket = await fetchTicket(worker, { ticket: reference });
    if (ticket) await startFromTicket(worker, gateway, ticket, input, now);
    return { handled: true };
  };

async function startFromTicket(
  worker: Worker,
  gateway: WorkflowGateway,
  ticket: Ticket,
  input: TicketEventInput,
  now: Instant,
): Promise<void> {
  const wanted = wantedBy(worker, ticket);
  if (!wanted || ticket.status !== "open") return;
  const chosen =
    worker.policies.policy.mode === "observe"
      ? { refusal: refusal("ObserveOnly") }
      : await chooseHolding(worker, wanted);
  if ("refusal" in chosen) {
    await refuseAtDoor(worker, ticket, wanted.person.key, chosen.refusal, input, now);
    return;
  }
  const { won, claim } = await worker.store.claim({
    activationId: newActivationId(),
    door: ticket.system,
    claimedAt: now,
    ticket: { system: ticket.system, number: ticket.number },
    person: wanted.person.key,
    principalId: chosen.holding.principalId,
    roleDefinitionId: wanted.role.roleDefinitionId,
    directoryScopeId: chosen.holding.directoryScopeId,
    use: 1,
    requestKey: input.deliveryId,
    durationMs: wanted.durationMs,
    justification: ticket.summary.slice(0, 500),
  });
  if (won) await gateway.start(claim.activationId);
}

async function refuseAtDoor(
  worker: Worker,
  ticket: Ticket,
  person: PersonKey,
  refused: Refusal,
  input: TicketEventInput,
  now: Instant,
): Promise<void> {
  const reference = { system: ticket.system, number: ticket.number };
  const actor = { kind: "ticketSystem", system: ticket.system } as const;
  await worker.audit.append(
    `door-${now.slice(0, 10)}`,
    `ticket-${input.deliveryId}`,
    event("RequestRefusedAtDoor", now, { ...refused, ticket: reference, person }, actor),
  );
  if (refused.reason === "ObserveOnly") return; // who only watches writes into no ticket
  const text = `Access not started: ${REASONS[refused.reason]}`;
  await worker.tickets[ticket.system]?.note(ticket, { marker: `ZS-door-${refused.reason}`, text });
}

/** A ticket asks for access only when it names a known person, a known role and a duration. */
function wantedBy(worker: Worker, ticket: Ticket): (Wanted & { readonly durationMs: number }) | undefined {
  const { role: roleText, duration: durationText, scope } = ticket.asks;
  if (roleText === undefined || durationText === undefined || ticket.assignee === undefined) return undefined;
  const person = worker.policies.people.byTicketUser(ticket.system, ticket.assignee);
  const role = worker.policies.policy.roles.find((one) => isRole(roleText, one));
  const durationMs = parseDuration(durationText.trim());
  return person && role && durationMs !== undefined
    ? { person, role, durationMs, account: undefined, scope: scope ?? undefined }
    : undefined;
}

/** 128 random bits. */
export const newActivationId = (): ActivationId => randomBytes(16).toString("hex") as ActivationId;
