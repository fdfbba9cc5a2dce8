import type { ActivationClaim, ActivationRequest } from "../../shared/domain/activation.ts";
import { planApprovers, type ApproverPlan } from "../../shared/domain/approver-plan.ts";
import type { AuditActor } from "../../shared/domain/audit-event.ts";
import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import { decideOpening, isSelfMade, type OpeningFacts } from "../../shared/domain/opening.ts";
import type { ActivationId } from "../../shared/domain/ids.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ManualApproval, RolePolicy } from "../../shared/domain/policy.ts";
import { REASONS, refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { evidenceOf, type Ticket } from "../../shared/domain/ticket.ts";
import { plus, type Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { readApproverFacts, type ApproverReader } from "../activation/approver-facts.ts";
import { byPerson, closed, closingOf, event } from "../activation/change.ts";
import { stateOf } from "../activation/facts.ts";
import { freezeRequest } from "../activation/frozen-request.ts";
import { mailTo, messagesFor, sendRow } from "../activation/messages.ts";
import { deliver } from "../activation/delivery.ts";
import { isFinal } from "../../shared/domain/activation.ts";
import type { Worker } from "../worker.ts";

/**
 * Checks policy and ticket, finds the approvers, freezes the request and asks the person to prove it; or refuses it,
 * before anybody else is disturbed. Nothing happens when it was opened before.
 * @throws DependencyError while the directory or the ticket system cannot be asked
 */
export async function openActivation(worker: Worker, record: ActivationRecord): Promise<ActivationRecord> {
  if (stateOf(record).status !== "Requested") return record;
  const now = worker.clock.now();
  const facts = await readOpeningFacts(worker, record.claim, now);
  const { role, person, ticket } = facts;
  const [missed] = decideOpening(facts, now);
  if (missed || !role || !person || !ticket) return refuse(worker, record, missed ?? refusal("RoleNotAllowed"), now);
  const plan = await planFor(worker, role, person, isSelfMade(ticket, person));
  if ("refusal" in plan) return refuse(worker, record, plan.refusal, now);
  return freeze(
    worker,
    record,
    requestOf(record.claim, role, ticket, plan, worker.policies.policy.hash),
    role,
    ticket,
    now,
  );
}

async function readOpeningFacts(worker: Worker, claim: ActivationClaim, now: Instant): Promise<OpeningFacts> {
  const { policy, people } = worker.policies;
  const [account, eligibilities, active, holder, ticket, openForPerson, blocked, frozen, policyAccepted, contextGap] =
    await Promise.all([
      worker.directory.account(claim.principalId),
      worker.directory.eligibilities(claim.principalId),
      worker.directory.activeAssignments(claim),
      worker.holders.holder(claim),
      fetchTicket(worker, claim),
      countOpen(worker, claim, claim.person),
      worker.controls.isBlocked(claim.person, now),
      worker.controls.freeze(),
      worker.acceptance.isAccepted(),
      worker.contextGuard.gap(),
    ]);
  const creator = ticket && creatorName(ticket);
  const openForCreator = creator === undefined ? 0 : await countOpen(worker, claim, creator);
  const sender = senderName(claim);
  const openForSender = sender === undefined ? 0 : await countOpen(worker, claim, sender);
  return {
    claim,
    policy,
    role: policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === claim.roleDefinitionId),
    person: people.byKey(claim.person),
    account,
    eligibilities,
    ticket,
    openForPerson,
    openForCreator,
    openForSender,
    heldAlready:
      active.some((row: ActiveAssignment) => row.memberType === "Direct") ||
      (await isHeldByAnother(worker, claim, holder)),
    blocked,
    frozen: frozen !== undefined,
    policyAccepted,
    contextGap,
  };
}

/** A hold that a finished activation left behind counts for nothing. */
async function isHeldByAnother(
  { store }: Worker,
  claim: ActivationClaim,
  holder: ActivationId | undefined,
): Promise<boolean> {
  if (holder === undefined || holder === claim.activationId) return false;
  const other = await store.outline(holder);
  return other !== undefined && !isFinal(stateOf(other));
}

/** The ticket as it is now. @throws DependencyError when the system is not configured or does not answer */
export async function fetchTicket(
  worker: Pick<Worker, "tickets">,
  { ticket }: Pick<ActivationClaim, "ticket">,
): Promise<Ticket | undefined> {
  const system = worker.tickets[ticket.system];
  if (!system) throw new DependencyError("Misconfigured", `${ticket.system} is not configured`);
  return system.fetch(ticket);
}

/** How many other activations under a name are not finished. */
async function countOpen({ store }: Worker, { activationId }: ActivationClaim, name: string): Promise<number> {
  const ids = (await store.openFor(name)).filter((id) => id !== activationId);
  const others = await Promise.all(ids.map((id) => store.outline(id)));
  return others.filter((other) => other && !isFinal(stateOf(other))).length;
}

/** Under which the activations count that came from the tickets of one user of a ticket system; no person has such a key. */
const creatorName = ({ system, creator }: Ticket): string | undefined =>
  creator === undefined ? undefined : `creator of ${system}: ${sha256Hex(creator).slice(0, 32)}`;

const senderName = ({ sender }: ActivationClaim): string | undefined =>
  sender === undefined ? undefined : `sender ${sender}`;

/** Who has to approve: nobody, or a plan; a refusal when nobody can. Self-made tickets need a second person. */
export async function planFor(
  reader: ApproverReader,
  role: RolePolicy,
  person: Person,
  selfMade: boolean,
): Promise<(ApproverPlan & { readonly approval: "automatic" | "manual" }) | { readonly refusal: Refusal }> {
  const approval = approvalFor(role, selfMade);
  if (approval === "automatic") return { approval, requirements: [], approvers: [] };
  if (approval === undefined) return { refusal: refusal("TicketSelfMade") };
  const plan = planApprovers(approval, person.key, await readApproverFacts(reader, approval, person));
  return "refusal" in plan ? plan : { approval: "manual", ...plan };
}

export function approvalFor(role: RolePolicy, selfMade: boolean): ManualApproval | "automatic" | undefined {
  if (role.approval.mode === "manual") return role.approval;
  return selfMade ? role.approval.unlessSelfMade : "automatic";
}

const requestOf = (
  claim: ActivationClaim,
  role: RolePolicy,
  ticket: Ticket,
  plan: ApproverPlan & { readonly approval: "automatic" | "manual" },
  policyHash: string,
): ActivationRequest => ({
  ...claim,
  revision: 1,
  roleName: role.name,
  evidence: evidenceOf(ticket),
  ticketId: ticket.id,
  approval: plan.approval,
  approvers: plan.approvers,
  requirements: plan.requirements,
  policyHash,
});

async function freeze(
  worker: Worker,
  record: ActivationRecord,
  request: ActivationRequest,
  role: RolePolicy,
  ticket: Ticket,
  now: Instant,
): Promise<ActivationRecord> {
  const creator = creatorName(ticket);
  const stepUpBy = plus(now, role.stepUp.withinMs);
  const messages = messagesFor(worker, request, now);
  const key = "opened";
  const opened = await worker.store.transition(record, {
    key,
    state: { status: "AwaitingStepUp", since: now, stepUpBy },
    request: freezeRequest(worker.sealing, request),
    events: [event("ActivationRequested", now, requestData(request), requester(request))],
    pending: [...messages.askStepUp(key, stepUpBy), messages.note(key, `Access requested: ${request.roleName}`)],
    done: ["start"],
    listedFor: [request.person, ...request.approvers.map(({ person }) => person)],
    countedFor: [request.person, creator, senderName(request)].filter((name) => name !== undefined),
  });
  return deliver(worker, opened);
}

const requestData = (request: ActivationRequest): Readonly<Record<string, unknown>> => ({
  door: request.door,
  ticket: request.ticket,
  person: request.person,
  principalId: request.principalId,
  roleDefinitionId: request.roleDefinitionId,
  directoryScopeId: request.directoryScopeId,
  durationMs: request.durationMs,
  approval: request.approval,
  approvers: request.approvers.map(({ person }) => person),
  requirements: request.requirements.map(({ name, count }) => ({ name, count })),
  policyHash: request.policyHash,
});

const requester = ({ door, sender = "", person, principalId }: ActivationClaim): AuditActor => {
  if (door === "message") return { kind: "sender", sender };
  return door === "http" ? byPerson(person, principalId) : { kind: "ticketSystem", system: door };
};

async function refuse(
  worker: Worker,
  record: ActivationRecord,
  missed: Refusal,
  now: Instant,
): Promise<ActivationRecord> {
  const { claim } = record;
  const detail = missed.detail ?? null;
  const person = worker.policies.people.byKey(claim.person);
  const sentence = `${REASONS[missed.reason]}${detail === null ? "" : ` (${detail})`}`;
  const mail = mailTo(
    person?.mail ?? "",
    `Refused: request for ticket ${claim.ticket.number}`,
    [
      `The request for ticket ${claim.ticket.number} was refused.`,
      sentence,
      "The ticket is not used up. When that has changed, ask again: zs request with a new --key, or the API with a new Idempotency-Key.",
    ],
    worker.links.page(claim.activationId),
    "Open the record",
  );
  const refused = await worker.store.transition(record, {
    key: "refused",
    state: closed("Refused", closingOf(missed.reason, detail), now),
    events: [
      event(
        "ActivationRefused",
        now,
        {
          reason: missed.reason,
          detail,
          ticket: claim.ticket,
          person: claim.person,
          principalId: claim.principalId,
          roleDefinitionId: claim.roleDefinitionId,
          directoryScopeId: claim.directoryScopeId,
          policyHash: worker.policies.policy.hash,
        },
        requester(claim),
      ),
    ],
    pending: person ? [sendRow(claim.activationId, "refused", mail, now)] : [],
    done: ["start"],
    listedFor: [claim.person],
  });
  return deliver(worker, refused);
}
