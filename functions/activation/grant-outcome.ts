import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { ActivationRequest, ActivationState, Closing } from "../../shared/domain/activation.ts";
import type { ActiveAssignment, DirectoryAnswer } from "../../shared/domain/directory.ts";
import { REASONS, type Refusal } from "../../shared/domain/reasons.ts";
import { MINUTE_MS, msOf, plus, SECOND_MS, type Instant } from "../../shared/domain/time.ts";
import type { GrantIntent } from "../../shared/domain/verdict.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";
import { instantText } from "../pages/format.ts";
import type { Worker } from "../worker.ts";
import { closed, closingOf, event } from "./change.ts";
import { deliver } from "./delivery.ts";
import { stateOf } from "./facts.ts";
import { mailTo, messagesFor, sendRow } from "./messages.ts";
import { ending } from "./record-stop.ts";

export type Granting = Extract<ActivationState, { status: "Granting" }>;

const PAUSE_MS = 2 * SECOND_MS;
const LONGEST_PAUSE_MS = 2 * MINUTE_MS;

/** The last intent of this activation that carries our seal; one that somebody else wrote is as good as absent. */
export function intentOf({ sealing }: Pick<Worker, "sealing">, record: ActivationRecord): GrantIntent | undefined {
  return record.intents
    .filter(({ body, mac }) => sealing.verify("intent", body, mac))
    .map(({ body }) => JSON.parse(body) as GrantIntent)
    .findLast(({ activationId }) => activationId === record.id);
}

/** Looked at again after a growing pause; never given up while the directory may have granted something. */
export async function later(
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

export async function granted(
  worker: Worker,
  record: ActivationRecord,
  request: ActivationRequest,
  row: ActiveAssignment,
): Promise<ActivationRecord> {
  const state = stateOf(record);
  if (state.status !== "Granting") return record;
  const intent = intentOf(worker, record);
  const now = worker.clock.now();
  const startsAt = row.startsAt ?? intent?.at ?? now;
  const held = { assignmentScheduleId: row.scheduleId, startsAt, endsAt: row.endsAt ?? startsAt };
  const problem = intent ? outOfBounds(row, intent, startsAt) : "no intent of ours stands behind it";
  const stop: Closing | null = problem === undefined ? state.stop : closingOf("GrantOutOfBounds", problem);
  const attempt = intent?.attempt ?? 0;
  const key = `granted-${attempt}`;
  const messages = messagesFor(worker, request, now);
  const told = [request.person, ...request.approvers.filter(({ backup }) => !backup).map(({ person }) => person)];
  return worker.store.transition(record, {
    key,
    state: stop ? ending(held, stop, now) : { status: "Active", since: now, endAt: held.endsAt, early: null, ...held },
    events: [
      event("RoleGranted", now, {
        ...held,
        assignmentType: row.assignmentType,
        attempt,
        outOfBounds: problem ?? null,
      }),
    ],
    pending: [
      ...messages.tell(key, told, `${request.roleName} is active`, [
        `${worker.policies.people.byKey(request.person)?.name ?? ""} holds ${request.roleName} until ${instantText(held.endsAt)} (ticket ${request.ticket.number}).`,
      ]),
      messages.note(key, `Access active from ${instantText(held.startsAt)} to ${instantText(held.endsAt)}`),
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

/**
 * Ends an activation that does not hold the role: the look into the directory came before this. Where it was asked once,
 * the sweeper goes on looking for a while, because what a directory does not show yet may still come.
 */
export async function give(
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
      ...watchedNow(record, now),
    ],
    ...(record.intents.length === 0 && { done: ["watch"] }),
  });
}

const watchedNow = ({ pending }: ActivationRecord, now: Instant): readonly PendingRow[] =>
  pending.filter(({ body }) => body.kind === "watch").map((row) => ({ ...row, dueAt: now }));

export async function refused(
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

/** What an earlier attempt may have reached in the directory is looked for at once, and taken away: nobody vouches for it. */
export async function tampered(worker: Worker, record: ActivationRecord): Promise<ActivationRecord> {
  const now = worker.clock.now();
  const failed = await worker.store.transition(record, {
    key: "tampered",
    state: closed("Failed", closingOf("RecordTampered"), now),
    events: [event("TamperingFound", now, { what: "request" })],
    pending: [
      ...watchedNow(record, now),
      alert(worker, record, "tampered", "A stored request does not carry this system's seal.", now),
    ],
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
