import type { ActivationClaim } from "./activation.ts";
import type { Person } from "./people.ts";
import type { Policy, RolePolicy, TicketRule } from "./policy.ts";
import { refusal, type Refusal } from "./reasons.ts";
import type { Ticket, TicketEvidence, TicketReference, TicketSystemName } from "./ticket.ts";
import { msOf, parseDuration, plus, type Instant } from "./time.ts";

export interface TicketQuestion {
  readonly claim: Pick<ActivationClaim, "durationMs" | "roleDefinitionId" | "directoryScopeId" | "ticket">;
  readonly role: RolePolicy;
  readonly person: Person;
  /** `submission`: the window may lie ahead. `grant`: now and the end must be inside. */
  readonly moment: "submission" | "grant";
}

/** Everything that is wrong with the ticket for this request, the most basic first. Pure. */
export function checkTicket(ticket: Ticket | undefined, question: TicketQuestion, now: Instant): readonly Refusal[] {
  const { claim, role } = question;
  const [refused] = checkSystem(claim.ticket.system, role);
  if (refused) return [refused];
  if (!ticket) return [refusal("TicketNotFound", claim.ticket.number)];
  const rule = role.tickets.find((one) => one.system === ticket.system && one.type === ticket.type);
  if (!rule) return [refusal("TicketTypeNotAllowed", ticket.type)];
  return [
    ...openness(ticket),
    ...approvedInItsSystem(ticket, rule),
    ...fitsWindow(ticket, rule, question, now),
    ...belongsTo(ticket, question.person),
    ...namesTheRequest(ticket, rule, question),
  ];
}

/** Whether a ticket of this system may open the role. */
export const checkSystem = (system: TicketSystemName, role: Pick<RolePolicy, "tickets">): readonly Refusal[] =>
  role.tickets.some((rule) => rule.system === system) ? [] : [refusal("TicketSystemNotAllowed")];

/** Whether the policy reads this ticket system, and the number has the form that it uses. The ticket is not needed. */
export function checkReference(
  { system, number }: TicketReference,
  { ticketSystems }: Pick<Policy, "ticketSystems">,
): readonly Refusal[] {
  const known = ticketSystems[system];
  if (!known) return [refusal("TicketSystemNotAllowed", system)];
  return new RegExp(`^(?:${known.numberPattern})$`).test(number) ? [] : [refusal("TicketNumberInvalid", number)];
}

function openness(ticket: Ticket): readonly Refusal[] {
  if (ticket.status === "cancelled" || ticket.approval === "rejected") return [refusal("TicketCancelled")];
  if (ticket.status === "closed") return [refusal("TicketNotOpen")];
  return ticket.onHold ? [refusal("TicketOnHold")] : [];
}

const approvedInItsSystem = (ticket: Ticket, rule: TicketRule): readonly Refusal[] =>
  rule.approved && ticket.approval !== "approved" && ticket.approval !== "rejected"
    ? [refusal("TicketNotApproved", ticket.approval)]
    : [];

function fitsWindow(ticket: Ticket, rule: TicketRule, question: TicketQuestion, now: Instant): readonly Refusal[] {
  if (rule.window === "ignored") return [];
  const { window } = ticket;
  if (!window) return [refusal("TicketWindowMissing")];
  const opensAt = plus(window.startsAt, -rule.graceMs);
  const closesAt = plus(window.endsAt, rule.graceMs);
  const startsAt = now > opensAt || question.moment === "grant" ? now : opensAt;
  const fits = startsAt >= opensAt && plus(startsAt, question.claim.durationMs) <= closesAt;
  return fits ? [] : [refusal("OutsideTicketWindow", `${window.startsAt} to ${window.endsAt}`)];
}

function belongsTo(ticket: Ticket, person: Person): readonly Refusal[] {
  const user = ticket.system === "servicenow" ? person.servicenowUser : person.jiraAccount;
  return user !== undefined && ticket.assignee === user ? [] : [refusal("TicketNotYours")];
}

function namesTheRequest(ticket: Ticket, rule: TicketRule, { claim, role }: TicketQuestion): readonly Refusal[] {
  const { role: named, duration, scope } = ticket.asks;
  if (named === undefined && rule.namesRole) return [refusal("TicketNamesAnotherRole", "no role")];
  if (named !== undefined && !isRole(named, role)) return [refusal("TicketNamesAnotherRole", "role")];
  if (scope !== undefined && scope !== claim.directoryScopeId) return [refusal("TicketNamesAnotherRole", "scope")];
  if (duration === undefined) return [];
  const allowedMs = parseDuration(duration.trim());
  return allowedMs !== undefined && claim.durationMs <= allowedMs
    ? []
    : [refusal("TicketNamesAnotherRole", "duration")];
}

/** Whether a text of a ticket or request means this role: its name, without regard to case, or its id. */
export const isRole = (text: string, role: Pick<RolePolicy, "name" | "roleDefinitionId">): boolean => {
  const wanted = text.trim().toLowerCase();
  return wanted === role.name.toLowerCase() || wanted === role.roleDefinitionId;
};

export type TicketWatch =
  | { readonly kind: "keep" }
  | { readonly kind: "end" | "closed"; readonly reason: "TicketCancelled" | "TicketClosed" | "TicketReassigned" };

/** What the ticket as it is now means for a role that is held: `end` at once, or `closed` as the policy says. */
export function watchTicket(ticket: Ticket | undefined, evidence: TicketEvidence, now: Instant): TicketWatch {
  if (!ticket) return { kind: "closed", reason: "TicketClosed" };
  if (ticket.status === "cancelled" || ticket.approval === "rejected")
    return { kind: "end", reason: "TicketCancelled" };
  if (ticket.status === "closed") return { kind: "closed", reason: "TicketClosed" };
  if (evidence.window && ticket.window && now > ticket.window.endsAt && ticket.window.endsAt < evidence.window.endsAt)
    return { kind: "closed", reason: "TicketClosed" };
  if (ticket.assignee === evidence.assignee) return { kind: "keep" };
  const sameGroup = ticket.assignmentGroup !== undefined && ticket.assignmentGroup === evidence.assignmentGroup;
  return ticket.type === "incident" && sameGroup ? { kind: "keep" } : { kind: "closed", reason: "TicketReassigned" };
}

/** The longest time the role may still be held inside the ticket's window; `undefined` when no window binds it. */
export function timeLeftInWindow(ticket: Ticket, rule: TicketRule, now: Instant): number | undefined {
  if (rule.window === "ignored" || !ticket.window) return undefined;
  return msOf(ticket.window.endsAt) + rule.graceMs - msOf(now);
}
