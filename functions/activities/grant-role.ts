import { canonicalJson } from "../../shared/crypto/digest.ts";
import { isFinal, type ActivationRequest, type Closing } from "../../shared/domain/activation.ts";
import { classifyDirectoryAnswer } from "../../shared/domain/directory-answer.ts";
import type { DirectoryAnswer } from "../../shared/domain/directory.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import { evidenceChanges, evidenceOf } from "../../shared/domain/ticket.ts";
import { MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { GrantIntent } from "../../shared/domain/verdict.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { tallyOf } from "../activation/after-proof.ts";
import { closingOf, event } from "../activation/change.ts";
import { deliver } from "../activation/delivery.ts";
import { stateOf } from "../activation/facts.ts";
import { frozenRequest, verdictsFor, type FrozenRequest } from "../activation/frozen-request.ts";
import { decideGrant, type GrantFacts } from "../activation/grant-check.ts";
import { readGrantFacts } from "../activation/grant-facts.ts";
import { give, granted, intentOf, later, refused, tampered, type Granting } from "../activation/grant-outcome.ts";
import { findOurs, readBackGrant, type Found } from "../activation/read-back.ts";
import { supersede } from "../activation/supersede.ts";
import { reportForgedRows } from "../activation/tampering.ts";
import type { Worker } from "../worker.ts";

const WATCH_MARGIN_MS = 2 * MINUTE_MS;
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
  // The hold is no grant: it may be taken while the rest is still looked at.
  const [checked, isHeld] = await Promise.all([check(worker, record, state, frozen, now), takeHold(worker, request)]);
  if ("record" in checked) {
    await worker.holders.release(request, record.id);
    return checked.record;
  }
  if (!isHeld) return give(worker, record, request, "Failed", closingOf("AlreadyActive"));
  const attempt = Math.max(state.attempt, record.intents.length + 1);
  const intended = await writeIntent(worker, record, { ...state, attempt }, request, checked.durationMs, now);
  // A freeze ends what has a `watch` row: whoever froze before that row stood did not see this grant.
  if (await worker.controls.freeze()) return refused(worker, intended, request, refusal("Frozen"), worker.clock.now());
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
  if (found.kind === "over" && !state.stop) return give(worker, record, request, "Failed", takenBack(found));
  if (found.kind === "underWay") {
    const intent = intentOf(worker, record);
    const over = intent && worker.clock.now() > plus(intent.at, intent.durationMs + WATCH_MARGIN_MS);
    return over
      ? give(worker, record, request, "Failed", closingOf("DirectoryUnavailable", "never read back"))
      : later(worker, record, state, "under way");
  }
  return state.stop ? give(worker, record, request, "Cancelled", state.stop) : undefined;
}

/** The directory accepted it once, so it is not asked a second time. */
const takenBack = ({ status }: Extract<Found, { kind: "over" }>): Closing =>
  closingOf("DirectoryRefused", `the directory has our request as ${status}`);

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
      if (found.kind === "over") return give(worker, record, request, "Failed", takenBack(found));
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

/** At most one activation holds a (principal, role, scope) (I5); a row left behind by a finished one is taken over. */
async function takeHold(worker: Worker, request: ActivationRequest): Promise<boolean> {
  const holder = await worker.holders.take(request, request.activationId);
  if (holder === request.activationId) return true;
  const other = await worker.store.outline(holder);
  if (other && !isFinal(stateOf(other))) return false;
  await worker.holders.release(request, holder);
  return (await worker.holders.take(request, request.activationId)) === request.activationId;
}
