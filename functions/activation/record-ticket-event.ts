import type { ActivationRequest, ActivationState } from "../../shared/domain/activation.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { RolePolicy } from "../../shared/domain/policy.ts";
import { checkTicket, watchTicket, type TicketWatch } from "../../shared/domain/ticket-check.ts";
import { evidenceChanges, evidenceOf, type Ticket } from "../../shared/domain/ticket.ts";
import { MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord, PendingBody, PendingRow } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { fetchTicket } from "../activities/open-activation.ts";
import { instantText } from "../pages/format.ts";
import type { Worker } from "../worker.ts";
import { closed, closingOf, event } from "./change.ts";
import { stateOf } from "./facts.ts";
import { frozenRequest } from "./frozen-request.ts";
import { messagesFor } from "./messages.ts";
import { recordEnd } from "./record-end.ts";
import { ending } from "./record-stop.ts";
import { supersede } from "./supersede.ts";

const ASK_AGAIN_MS = MINUTE_MS;

interface Known {
  readonly request: ActivationRequest;
  readonly role: RolePolicy;
  readonly person: Person;
}

/** Reads the ticket again because something happened to it. `undefined`: it changes nothing for this activation. */
export async function recordTicketEvent(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  body: Extract<PendingBody, { kind: "ticket" }>,
): Promise<ActivationRecord | undefined> {
  const state = stateOf(record);
  if (state.status === "Requested" || state.status === "Ending") return undefined;
  const now = worker.clock.now();
  // The check before the intent reads the ticket by itself; behind it, only what follows the outcome can.
  if (state.status === "Granting")
    return record.intents.length > 0 ? askAgain(worker, record, ask, body, now) : undefined;
  const known = knownOf(worker, record);
  if (!known && state.status !== "Active") return undefined;
  const ticket = await fetchUnlessDown(worker, known?.request ?? record.claim);
  if (ticket === "down") return askAgain(worker, record, ask, body, now);
  if (state.status !== "Active") return known && beforeGrant(worker, record, ask, known, ticket, now);
  return known
    ? whileActive(worker, record, ask, known, ticket, now)
    : withoutRequest(worker, record, ask, state, ticket, now);
}

function knownOf(worker: Worker, record: ActivationRecord): Known | undefined {
  const request = frozenRequest(worker.sealing, record)?.request;
  const role = worker.policies.policy.roles.find(
    ({ roleDefinitionId }) => roleDefinitionId === request?.roleDefinitionId,
  );
  const person = request && worker.policies.people.byKey(request.person);
  return request && role && person ? { request, role, person } : undefined;
}

async function fetchUnlessDown(
  worker: Worker,
  request: Pick<ActivationRequest, "ticket">,
): Promise<Ticket | undefined | "down"> {
  try {
    return await fetchTicket(worker, request);
  } catch (error) {
    if (error instanceof DependencyError) return "down";
    throw error;
  }
}

/** An outage of the ticket system ends nothing, and a grant under way is waited for: the row stays and is looked at again in a minute. */
async function askAgain(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  body: Extract<PendingBody, { kind: "ticket" }>,
  now: Instant,
): Promise<ActivationRecord> {
  const notBefore = plus(now, ASK_AGAIN_MS);
  const later: PendingRow = { ...ask, dueAt: notBefore, body: { ...body, notBefore } };
  await worker.store.postpone(later);
  return { ...record, pending: record.pending.map((row) => (row.key === ask.key ? later : row)) };
}

async function beforeGrant(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  known: Known,
  ticket: Ticket | undefined,
  now: Instant,
): Promise<ActivationRecord | undefined> {
  const { request, role, person } = known;
  if (ticket && evidenceChanges(request.evidence, evidenceOf(ticket)).length > 0 && ticket.status === "open")
    return supersede(worker, record, { request, role, person, ticket }, [ask.key], now);
  const [missed] = checkTicket(ticket, { claim: request, role, person, moment: "submission" }, now);
  if (!missed) return undefined;
  const closing = closingOf(missed.reason, missed.detail ?? null);
  const key = `ticket-${ask.key}`;
  const asked = [request.person, ...request.approvers.map((approver) => approver.person)];
  return worker.store.transition(record, {
    key,
    state: closed("Cancelled", closing, now),
    events: [event("ActivationClosed", now, { closing }, { kind: "ticketSystem", system: request.ticket.system })],
    pending: messagesFor(worker, request, now).closed(key, asked, "cancelled, because of its ticket", closing),
    done: [ask.key],
  });
}

async function whileActive(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  { request, role }: Known,
  ticket: Ticket | undefined,
  now: Instant,
): Promise<ActivationRecord | undefined> {
  const state = stateOf(record);
  if (state.status !== "Active") return undefined;
  const watch = watchTicket(ticket, request.evidence, now);
  if (watch.kind === "keep") return undefined;
  if (watch.kind === "closed" && (state.early !== null || state.warnedOf === watch.reason)) return undefined;
  const closing = closingOf(watch.reason, request.ticket.number);
  const next = afterTicket(state, watch.kind === "end" ? { kind: "end" } : role.onTicketClosed, closing, now);
  const key = `ticket-${ask.key}`;
  const messages = messagesFor(worker, request, now);
  const until = next.status === "Active" ? next.endAt : next.notBefore;
  return recordEnd(worker, record, {
    key,
    state: next,
    events: [
      event(
        "TicketChanged",
        now,
        { reason: watch.reason, effect: next.status === "Active" ? "warned" : "ends", until },
        { kind: "ticketSystem", system: request.ticket.system },
      ),
    ],
    pending: messages.tell(key, [request.person], `${request.roleName}: your ticket changed`, [
      `Ticket ${request.ticket.number} was closed, cancelled or given to somebody else.`,
      `The access stays until ${instantText(until)}.`,
    ]),
    done: [ask.key],
  });
}

/**
 * The request does not carry our seal, or policy or people do not know it any more: nobody vouches for how long it may go on
 * without its ticket, so it ends with it.
 */
async function withoutRequest(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  state: Extract<ActivationState, { status: "Active" }>,
  ticket: Ticket | undefined,
  now: Instant,
): Promise<ActivationRecord | undefined> {
  const watch: TicketWatch = ticket
    ? watchTicket(ticket, evidenceOf(ticket), now)
    : { kind: "closed", reason: "TicketClosed" };
  if (watch.kind === "keep") return undefined;
  const { system, number } = record.claim.ticket;
  const next = ending(state, closingOf(watch.reason, number), now);
  const data = { reason: watch.reason, effect: "ends", until: next.notBefore };
  return recordEnd(worker, record, {
    key: `ticket-${ask.key}`,
    state: next,
    events: [event("TicketChanged", now, data, { kind: "ticketSystem", system })],
    done: [ask.key],
  });
}

function afterTicket(
  state: Extract<ActivationState, { status: "Active" }>,
  rule: RolePolicy["onTicketClosed"],
  closing: ReturnType<typeof closingOf>,
  now: Instant,
): Extract<ActivationState, { status: "Active" | "Ending" }> {
  switch (rule.kind) {
    case "end":
      return ending(state, closing, now);
    case "grace": {
      const graceEnd = plus(now, rule.ms);
      return graceEnd < state.endAt
        ? { ...state, endAt: graceEnd, early: closing }
        : { ...state, warnedOf: closing.reason };
    }
    case "notify":
      return { ...state, warnedOf: closing.reason };
  }
}
