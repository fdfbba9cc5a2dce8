import { canonicalJson, sha256Hex } from "../../shared/crypto/digest.ts";
import { isFinal, type ActivationRequest, type ActivationState, type Closing } from "../../shared/domain/activation.ts";
import { classifyDirectoryAnswer } from "../../shared/domain/directory-answer.ts";
import type { ActiveAssignment, DirectoryAnswer } from "../../shared/domain/directory.ts";
import { REASONS, type Refusal } from "../../shared/domain/reasons.ts";
import { isSelfMade } from "../../shared/domain/opening.ts";
import { evidenceChanges, evidenceOf } from "../../shared/domain/ticket.ts";
import { MINUTE_MS, msOf, plus, SECOND_MS, type Instant } from "../../shared/domain/time.ts";
import type { GrantIntent } from "../../shared/domain/verdict.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { tallyOf } from "../activation/after-proof.ts";
import { readApproverFacts } from "../activation/approver-facts.ts";
import { closed, closingOf, event } from "../activation/change.ts";
import { deliver } from "../activation/delivery.ts";
import { stateOf } from "../activation/facts.ts";
import { frozenRequest, verdictsFor, type FrozenRequest } from "../activation/frozen-request.ts";
import { decideGrant, type GrantFacts } from "../activation/grant-check.ts";
import { findOurs, readBackGrant } from "../activation/read-back.ts";
import { mailTo, messagesFor, sendRow } from "../activation/messages.ts";
import { ending } from "../activation/record-stop.ts";
import { supersede } from "../activation/supersede.ts";
import { reportForgedRows } from "../activation/tampering.ts";
import type { Worker } from "../worker.ts";
import { approvalFor, fetchTicket } from "./open-activation.ts";

type Granting = Extract<ActivationState, { status: "Granting" }>;

const WATCH_MARGIN_MS = 2 * MINUTE_MS;
const PAUSE_MS = 2 * SECOND_MS;
const LONGEST_PAUSE_MS = 2 * MINUTE_MS;

/**
 * Grants the role once: everything is verified again, the intent is written, then the directory is asked and read back.
 * Run again after a crash or an unclear answer it looks for its own assignment before it asks a second time.
 */
export async function grantRole(worker: Worker, record: ActivationRecord): Promise<ActivationRecord> {
  const state = stateOf(record);
  if (state.status !== "Granting") return record;
  await reportForgedRows(worker, record);
  const frozen = frozenRequest(worker.sealing, record);
  if (!frozen) return tampered(worker, record);
  const granted = await grant(worker, record, state, frozen);
  return deliver(worker, granted);
}

async function grant(
  worker: Worker,
  record: ActivationRecord,
  state: Granting,
  frozen: FrozenRequest,
): Promise<ActivationRecord> {
  const { request } = frozen;
  const earlier = record.intents.length > 0 ? await resume(worker, record, state, request) : undefined;
  if (earlier) return earlier;
  const now = worker.clock.now();
  const checked = await check(worker, record, state, frozen, now);
  if ("record" in checked) return checked.record;
  if (!(await takeHold(worker, request))) return give(worker, record, request, "Failed", closingOf("AlreadyActive"));
  const attempt = Math.max(state.attempt, record.intents.length + 1);
  const intended = await writeIntent(worker, record, { ...state, attempt }, request, checked.durationMs, now);
  const answer = await worker.directory.assign(request, {
    durationMs: checked.durationMs,
    justification: justificationOf(request, intended.row?.chain.hash ?? ""),
    ticketNumber: request.ticket.number,
    ticketSystem: request.ticket.system,
    startsAt: now,
    correlationId: correlationId(record, attempt),
  });
  return judge(worker, intended, request, answer);
}

/** An earlier attempt may have reached the directory: look before anything else. `undefined`: it did not. */
async function resume(
  worker: Worker,
  record: ActivationRecord,
  state: Granting,
  request: ActivationRequest,
): Promise<ActivationRecord | undefined> {
  const found = await findOurs(worker, request);
  if (found.kind === "ours") return granted(worker, record, request, found.row);
  if (found.kind === "foreign") return give(worker, record, request, "Failed", closingOf("AlreadyActive"));
  if (found.kind === "underWay") {
    const intent = intentOf(record);
    const over = intent && worker.clock.now() > plus(intent.at, intent.durationMs + WATCH_MARGIN_MS);
    return over
      ? give(worker, record, request, "Failed", closingOf("DirectoryUnavailable", "never read back"))
      : later(worker, record, state, "under way");
  }
  return state.stop ? give(worker, record, request, "Cancelled", state.stop) : undefined;
}

const intentOf = (record: ActivationRecord): GrantIntent | undefined => {
  const row = record.intents.at(-1);
  return row && (JSON.parse(row.body) as GrantIntent);
};

/** Reads all facts again and decides; answers the record when the decision is that nothing is granted now. */
async function check(
  worker: Worker,
  record: ActivationRecord,
  state: Granting,
  frozen: FrozenRequest,
  now: Instant,
): Promise<{ readonly durationMs: number } | { readonly record: ActivationRecord }> {
  const { request, digest } = frozen;
  let facts: GrantFacts;
  try {
    facts = await readGrantFacts(worker, record, frozen, now);
  } catch (error) {
    if (!(error instanceof DependencyError) || now < state.giveUpAt || record.intents.length > 0) throw error;
    return { record: await give(worker, record, request, "Failed", closingOf("DirectoryUnavailable", error.code)) };
  }
  const { role, person, ticket } = facts;
  if (role && person && ticket?.status === "open" && evidenceChanges(request.evidence, evidenceOf(ticket)).length > 0)
    return { record: await supersede(worker, record, { request, role, person, ticket }, [], now) };
  const approved = tallyOf(request, verdictsFor(worker.sealing, record, digest));
  const decision = decideGrant(
    facts,
    Math.min(state.durationMs, approved.kind === "approved" ? (approved.durationMs ?? state.durationMs) : 0),
    now,
  );
  return "durationMs" in decision
    ? decision
    : { record: await refused(worker, record, request, decision.refusal, now) };
}

async function readGrantFacts(
  worker: Worker,
  record: ActivationRecord,
  { request, digest }: FrozenRequest,
  now: Instant,
): Promise<GrantFacts> {
  const { policy, people } = worker.policies;
  const role = policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === request.roleDefinitionId);
  const person = people.byKey(request.person);
  const manual = role && request.approval === "manual" ? approvalFor(role, true) : undefined;
  const [account, eligibilities, ticket, freeze, recentGrants, approverFacts] = await Promise.all([
    worker.directory.account(request.principalId),
    worker.directory.eligibilities(request.principalId),
    fetchTicket(worker, request),
    worker.controls.freeze(),
    worker.controls.grantsSince(plus(now, -policy.breaker.withinMs)),
    person && manual !== undefined && manual !== "automatic" ? readApproverFacts(worker, manual, person) : undefined,
  ]);
  return {
    request,
    policy,
    role,
    person,
    account,
    eligibilities,
    ticket,
    verdicts: verdictsFor(worker.sealing, record, digest),
    approval: role && approvalFor(role, person !== undefined && ticket !== undefined && isSelfMade(ticket, person)),
    approverFacts,
    frozen: freeze !== undefined,
    recentGrants,
  };
}

async function writeIntent(
  worker: Worker,
  record: ActivationRecord,
  state: Granting,
  request: ActivationRequest,
  durationMs: number,
  now: Instant,
): Promise<ActivationRecord> {
  const intent: GrantIntent = { activationId: record.id, attempt: state.attempt, durationMs, at: now };
  const body = canonicalJson(intent);
  const endsAt = plus(now, durationMs);
  const [intended] = await Promise.all([
    worker.store.transition(record, {
      key: `intent-${state.attempt}`,
      state,
      intent: { body, mac: worker.sealing.mac("intent", body), attempt: state.attempt },
      events: [
        event("GrantIntended", now, {
          attempt: state.attempt,
          durationMs,
          principalId: request.principalId,
          roleDefinitionId: request.roleDefinitionId,
          directoryScopeId: request.directoryScopeId,
          policyHash: worker.policies.policy.hash,
        }),
      ],
      pending: [
        {
          activationId: record.id,
          key: "watch",
          createdAt: now,
          dueAt: plus(endsAt, WATCH_MARGIN_MS),
          body: { kind: "watch" },
        },
      ],
    }),
    worker.controls.recordGrant(record.id, state.attempt, now),
  ]);
  return intended;
}

/** What Entra's own log keeps: the activation, the hash of the intent record, and the person's reason. */
const justificationOf = (request: ActivationRequest, intentHash: string): string =>
  `ZS ${request.activationId} ${intentHash} ${request.justification}`.slice(0, 500);

/** The activation id as a GUID with the attempt in its last group, so that the directory's log can be joined. */
function correlationId(record: ActivationRecord, attempt: number): string {
  const id = record.id;
  return [
    id.slice(0, 8),
    id.slice(8, 12),
    id.slice(12, 16),
    id.slice(16, 20),
    `${id.slice(20, 28)}${attempt.toString(16).padStart(4, "0")}`,
  ].join("-");
}

async function judge(
  worker: Worker,
  record: ActivationRecord,
  request: ActivationRequest,
  answer: DirectoryAnswer,
): Promise<ActivationRecord> {
  const state = stateOf(record);
  if (state.status !== "Granting") return record;
  switch (classifyDirectoryAnswer(answer, "assign")) {
    case "verify": {
      const ours = await readBackGrant(worker, request, answer.kind === "accepted" ? answer.scheduleId : undefined);
      return ours ? granted(worker, record, request, ours) : later(worker, record, state, "not read back yet");
    }
    case "look": {
      const found = await findOurs(worker, request);
      if (found.kind === "ours") return granted(worker, record, request, found.row);
      if (found.kind === "foreign") return give(worker, record, request, "Failed", closingOf("AlreadyActive"));
      return later(worker, record, state, describe(answer), answer);
    }
    case "later":
      return later(worker, record, state, describe(answer), answer);
    case "gone":
    case "failed":
      return give(worker, record, request, "Failed", closingOf("DirectoryRefused", describe(answer)));
    case "misconfigured":
      return give(worker, record, request, "Failed", closingOf("DirectoryMisconfigured", describe(answer)));
  }
}

const describe = (answer: DirectoryAnswer): string =>
  answer.kind === "unknown" ? answer.detail : answer.kind === "accepted" ? answer.status : answer.code;

/** Looked at again after a growing pause; never given up while the directory may have granted something. */
async function later(
  worker: Worker,
  record: ActivationRecord,
  state: Granting,
  because: string,
  answer?: DirectoryAnswer,
): Promise<ActivationRecord> {
  const now = worker.clock.now();
  const askedFor = answer && answer.kind !== "accepted" ? (answer.retryAfterMs ?? 0) : 0;
  const pauseMs = Math.max(askedFor, Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** Math.min(state.attempt, 10)));
  const attempt = state.attempt + 1;
  return worker.store.transition(record, {
    key: `grant-later-${attempt}`,
    state: { ...state, attempt, notBefore: plus(now, pauseMs) },
    events: [event("GrantAttempted", now, { attempt: state.attempt, outcome: because })],
  });
}

async function granted(
  worker: Worker,
  record: ActivationRecord,
  request: ActivationRequest,
  row: ActiveAssignment,
): Promise<ActivationRecord> {
  const state = stateOf(record);
  const intent = intentOf(record);
  if (state.status !== "Granting" || !intent) return record;
  const now = worker.clock.now();
  const startsAt = row.startsAt ?? intent.at;
  const held = { assignmentScheduleId: row.scheduleId, startsAt, endsAt: row.endsAt ?? startsAt };
  const problem = outOfBounds(row, intent, startsAt);
  const stop: Closing | null = problem === undefined ? state.stop : closingOf("GrantOutOfBounds", problem);
  const key = `granted-${intent.attempt}`;
  const messages = messagesFor(worker, request, now);
  const told = [request.person, ...request.approvers.filter(({ backup }) => !backup).map(({ person }) => person)];
  return worker.store.transition(record, {
    key,
    state: stop ? ending(held, stop, now) : { status: "Active", since: now, endAt: held.endsAt, early: null, ...held },
    events: [
      event("RoleGranted", now, {
        ...held,
        assignmentType: row.assignmentType,
        attempt: intent.attempt,
        outOfBounds: problem ?? null,
      }),
    ],
    pending: [
      ...messages.tell(key, told, `${request.roleName} is active`, [
        `${worker.policies.people.byKey(request.person)?.name ?? ""} holds ${request.roleName} until ${held.endsAt} (ticket ${request.ticket.number}).`,
      ]),
      messages.note(key, `Access active from ${held.startsAt} to ${held.endsAt}`),
      ...(problem === undefined
        ? []
        : [
            alert(
              worker,
              record,
              key,
              `The directory granted something else than was asked: ${problem}. It is removed.`,
              now,
            ),
          ]),
    ],
  });
}

const LATEST_START_MS = MINUTE_MS;
const TOLERANCE_MS = 2 * SECOND_MS;

/** The directory's own start and end must be what was asked for (I2, I7). */
function outOfBounds(row: ActiveAssignment, intent: GrantIntent, startsAt: Instant): string | undefined {
  if (row.endsAt === undefined) return "it has no end";
  if (msOf(row.endsAt) - msOf(startsAt) > intent.durationMs + TOLERANCE_MS) return `it ends at ${row.endsAt}`;
  return msOf(startsAt) - msOf(intent.at) > LATEST_START_MS ? `it starts at ${startsAt}` : undefined;
}

/** Ends an activation that does not hold the role: the look into the directory came before this. */
async function give(
  worker: Worker,
  record: ActivationRecord,
  request: ActivationRequest,
  status: "Failed" | "Cancelled",
  closing: Closing,
): Promise<ActivationRecord> {
  const now = worker.clock.now();
  const key = "not-granted";
  const asked = [request.person, ...request.approvers.map(({ person }) => person)];
  const messages = messagesFor(worker, request, now);
  await worker.holders.release(request, record.id);
  return worker.store.transition(record, {
    key,
    state: closed(status, closing, now),
    events: [event("ActivationClosed", now, { closing })],
    pending: [
      ...messages.closed(key, asked, "not granted", closing),
      messages.note(key, `Access not granted. ${REASONS[closing.reason]}`),
      ...(closing.reason === "DirectoryMisconfigured"
        ? [alert(worker, record, key, `The directory refuses this system: ${closing.detail ?? ""}`, now)]
        : []),
      ...(closing.reason === "BreakerOpen"
        ? [
            alert(
              worker,
              record,
              key,
              `Too many roles were granted within a short time, so all grants are frozen. Two persons resume them: ${worker.links.freezePage()}`,
              now,
            ),
          ]
        : []),
    ],
    done: ["watch"],
  });
}

async function refused(
  worker: Worker,
  record: ActivationRecord,
  request: ActivationRequest,
  missed: Refusal,
  now: Instant,
): Promise<ActivationRecord> {
  if (missed.reason === "BreakerOpen") await openBreaker(worker, record, now);
  return give(worker, record, request, "Failed", closingOf(missed.reason, missed.detail ?? null));
}

/** Stops everything; tried again after a crash it is the same freeze. */
async function openBreaker(worker: Worker, record: ActivationRecord, at: Instant): Promise<void> {
  const id = sha256Hex(`breaker ${record.id}`).slice(0, 32);
  const because = "Too many grants";
  const freeze = await worker.controls.startFreeze({ id, at, by: "breaker", account: undefined, because });
  await worker.audit.append("controls", freeze.id, event("GrantsFrozen", at, { freezeId: freeze.id }));
}

async function tampered(worker: Worker, record: ActivationRecord): Promise<ActivationRecord> {
  const now = worker.clock.now();
  const failed = await worker.store.transition(record, {
    key: "tampered",
    state: closed("Failed", closingOf("RecordTampered"), now),
    events: [event("TamperingFound", now, { what: "request" })],
    pending: [alert(worker, record, "tampered", "A stored request does not carry this system's seal.", now)],
  });
  return deliver(worker, failed);
}

const alert = (worker: Worker, record: ActivationRecord, key: string, line: string, now: Instant) =>
  sendRow(
    record.id,
    `alert-${key}`,
    mailTo(
      worker.policies.policy.alertMail,
      "Zero Standing needs attention",
      [line],
      worker.links.page(record.id),
      "Open the record",
    ),
    now,
  );

/** At most one activation holds a (principal, role, scope) (I5); a row left behind by a finished one is taken over. */
async function takeHold(worker: Worker, request: ActivationRequest): Promise<boolean> {
  const holder = await worker.holders.take(request, request.activationId);
  if (holder === request.activationId) return true;
  const other = await worker.store.load(holder);
  if (other && !isFinal(stateOf(other))) return false;
  await worker.holders.release(request, holder);
  return (await worker.holders.take(request, request.activationId)) === request.activationId;
}
