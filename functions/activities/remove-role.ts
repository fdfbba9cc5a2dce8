import type { ActivationState, Closing } from "../../shared/domain/activation.ts";
import { REASONS } from "../../shared/domain/reasons.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { classifyDirectoryAnswer } from "../../shared/domain/directory-answer.ts";
import { MINUTE_MS, plus, SECOND_MS, type Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";
import { closingOf, event } from "../activation/change.ts";
import { deliver } from "../activation/delivery.ts";
import { stateOf } from "../activation/facts.ts";
import { mailTo, messagesFor, sendRow } from "../activation/messages.ts";
import { findOurs, isOurs, readBackAbsence } from "../activation/read-back.ts";
import { ending } from "../activation/record-stop.ts";
import type { ActivationRequest } from "../../shared/domain/activation.ts";
import { instantText } from "../pages/format.ts";
import { shownRequest } from "../activation/view.ts";
import type { Worker } from "../worker.ts";

type Holding = Extract<ActivationState, { status: "Active" | "Ending" }>;

/** What ending access needs; the sweeper has no more than this. */
export type Remover = Pick<
  Worker,
  | "clock"
  | "store"
  | "audit"
  | "events"
  | "holders"
  | "directory"
  | "policies"
  | "links"
  | "notifier"
  | "tickets"
  | "log"
>;

const LONGEST_PAUSE_MS = 5 * MINUTE_MS;
const ENDED = "ended";

/**
 * Ends the access and says so only after its absence was read back. Looks first: what the directory ended by itself is
 * not removed again, and only this activation's own row is touched. Never gives up; run twice it removes once.
 */
export async function removeRole(worker: Remover, record: ActivationRecord): Promise<ActivationRecord> {
  const noted = stateOf(record);
  if (noted.status !== "Active" && noted.status !== "Ending") return record;
  const now = worker.clock.now();
  if (noted.status === "Active" && now < noted.endAt) return record;
  const closing = noted.status === "Ending" ? noted.closing : (noted.early ?? closingOf("EndTimeReached"));
  const held = await heldSchedule(worker, record, noted.assignmentScheduleId);
  if (held === undefined) return ended(worker, record, noted, closing);
  const state: Holding = { ...noted, assignmentScheduleId: held };
  const removable = ending(state, closing, now).notBefore;
  if (now < removable) return wait(worker, record, state, closing, removable, "tooEarly");
  if (!(await isOurs(worker, record.claim, state.assignmentScheduleId))) {
    worker.log("error", "not ours to remove", { activationId: record.id });
    return wait(worker, record, state, closing, plus(now, LONGEST_PAUSE_MS), "notOurs");
  }
  const answer = await worker.directory.remove(record.claim, {
    justification: `ZS ${record.id} ${closing.reason}`,
    correlationId: crypto.randomUUID(),
  });
  const outcome = classifyDirectoryAnswer(answer, "remove");
  const mayBeGone = outcome === "verify" || outcome === "gone" || outcome === "look";
  if (mayBeGone && (await readBackAbsence(worker, record.claim, state.assignmentScheduleId)))
    return ended(worker, record, state, closing);
  const attempt = state.status === "Ending" ? state.attempt : 0;
  const askedFor = answer.kind === "accepted" ? 0 : (answer.retryAfterMs ?? 0);
  const pauseMs = Math.max(askedFor, Math.min(LONGEST_PAUSE_MS, 5 * SECOND_MS * 2 ** Math.min(attempt, 10)));
  return wait(worker, record, state, closing, plus(now, pauseMs), answer.kind === "refused" ? answer.code : outcome);
}

/**
 * The schedule of our own row while it stands. Where another row stands than the state names, the directory says whose it
 * is: whoever edits the state would have access said to be over that goes on.
 */
async function heldSchedule(worker: Remover, { claim }: ActivationRecord, noted: string): Promise<string | undefined> {
  const rows = await worker.directory.activeAssignments(claim);
  if (rows.length === 0) return undefined;
  if (rows.some(({ scheduleId }) => scheduleId === noted)) return noted;
  const found = await findOurs(worker, claim);
  return found.kind === "ours" ? found.row.scheduleId : undefined;
}

/** Tried again at the instant; written down, because access that should be gone is not. */
async function wait(
  worker: Remover,
  record: ActivationRecord,
  state: Holding,
  closing: Closing,
  notBefore: Instant,
  outcome: string,
): Promise<ActivationRecord> {
  const now = worker.clock.now();
  const attempt = (state.status === "Ending" ? state.attempt : 0) + 1;
  const { assignmentScheduleId, startsAt, endsAt } = state;
  const since = state.status === "Ending" ? state.since : now;
  return worker.store.transition(record, {
    key: `removing-${attempt}`,
    state: { status: "Ending", since, closing, attempt, notBefore, assignmentScheduleId, startsAt, endsAt },
    events: [event("RemovalAttempted", now, { attempt, outcome, notBefore })],
  });
}

async function ended(
  worker: Remover,
  record: ActivationRecord,
  state: Holding,
  closing: Closing,
): Promise<ActivationRecord> {
  const now = worker.clock.now();
  const eligible = await isStillEligible(worker, record);
  const { assignmentScheduleId, startsAt, endsAt } = state;
  await worker.holders.release(record.claim, record.id); // before the end is said, or a crash would leave it behind
  const done = await worker.store.transition(record, {
    key: ENDED,
    state: { status: "Ended", since: now, closing, assignmentScheduleId, startsAt, endsAt },
    events: [
      event("RoleEnded", now, { closing, assignmentScheduleId, startsAt, endsAt, absenceReadAt: now, eligible }),
    ],
    pending: [...endMessages(worker, record, closing, now), ...eligibilityAlert(worker, record, eligible, now)],
    done: ["watch"],
  });
  return deliver(worker, done);
}

/** The directory was seen to drop an eligibility with its activation; `null` when it cannot be asked now. */
async function isStillEligible({ directory }: Remover, { claim }: ActivationRecord): Promise<boolean | null> {
  try {
    const eligibilities = await directory.eligibilities(claim.principalId);
    return eligibilities.some(
      (one) => one.roleDefinitionId === claim.roleDefinitionId && one.directoryScopeId === claim.directoryScopeId,
    );
  } catch {
    return null; // revoking goes on whatever cannot be read
  }
}

/** The identity team hears of a lost eligibility; giving it back is theirs: somebody may have taken it on purpose. */
function eligibilityAlert(
  worker: Remover,
  record: ActivationRecord,
  eligible: boolean | null,
  now: Instant,
): readonly PendingRow[] {
  if (eligible !== false) return [];
  const line = `The eligibility behind ticket ${record.claim.ticket.number} is gone since the role was held. If nobody removed it, give it back.`;
  const mail = mailTo(
    worker.policies.policy.alertMail,
    "An eligibility was lost",
    [line],
    worker.links.page(record.id),
    "Open the record",
  );
  return [sendRow(record.id, "eligibility-lost", mail, now)];
}

/** Of the request as stored: its seal does not matter, ending needs no key. One that somebody spoiled must not hold up the end. */
function endMessages(worker: Remover, record: ActivationRecord, closing: Closing, now: Instant): readonly PendingRow[] {
  try {
    const request = shownRequest(record);
    if (!request) return [];
    const messages = messagesFor(worker, request, now);
    return [
      ...messages.closed(ENDED, peopleOf(request), "ended", closing),
      messages.note(ENDED, `Access ended at ${instantText(now)}. ${REASONS[closing.reason]}`),
    ];
  } catch {
    return [];
  }
}

const peopleOf = (request: ActivationRequest): readonly PersonKey[] => [
  request.person,
  ...request.approvers.filter(({ backup }) => !backup).map(({ person }) => person),
];
