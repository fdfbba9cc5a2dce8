import type { ActivationState, Closing } from "../../shared/domain/activation.ts";
import type { AuditActor } from "../../shared/domain/audit-event.ts";
import type { ReasonCode } from "../../shared/domain/reasons.ts";
import { DAY_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord, PendingBody, PendingRow, Transition } from "../../shared/ports/activation-store.ts";
import type { Worker } from "../worker.ts";
import { byPerson, closed, closingOf, event, WORKER } from "./change.ts";
import { stateOf } from "./facts.ts";
import { mailTo, sendRow } from "./messages.ts";
import { recordEnd } from "./record-end.ts";

const BLOCKED_MS = DAY_MS;
const FIVE_MINUTES_MS = 5 * 60_000;

type Stop = Extract<PendingBody, { kind: "stop" }>;

/** Somebody ends, withdraws or disowns the request. `undefined`: there is nothing left to stop. */
export async function recordStop(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  stop: Stop,
): Promise<ActivationRecord | undefined> {
  const now = worker.clock.now();
  const reason = reasonOf(stop, record);
  const stopped = stateAfterStop(record, closingOf(reason, null, stop.person), now);
  if (!stopped) return undefined;
  if (stop.how === "disown") await worker.controls.block(record.claim.person, plus(now, BLOCKED_MS), record.id);
  const alert = stop.how === "disown" ? alertIdentityTeam(worker, record, now) : [];
  return recordEnd(worker, record, endTransition(ask, stopped, byPerson(stop.person, stop.account), alert, now));
}

function reasonOf({ how, person }: Stop, { claim }: ActivationRecord): ReasonCode {
  if (how === "disown") return "NotRequestedByPerson";
  if (how === "end") return "EndedByPerson";
  return person === claim.person ? "CancelledByRequester" : "StoppedByOther";
}

/**
 * All access ends because somebody froze the system, also what a grant under way turns out to have given. Requests that
 * hold nothing yet go on; their grant is refused.
 */
export async function recordFreeze(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
): Promise<ActivationRecord | undefined> {
  const now = worker.clock.now();
  const { status } = stateOf(record);
  if (status !== "Active" && !(status === "Granting" && record.intents.length > 0)) return undefined;
  const stopped = stateAfterStop(record, closingOf("Frozen"), now);
  return stopped && recordEnd(worker, record, endTransition(ask, stopped, WORKER, [], now));
}

const endTransition = (
  ask: PendingRow,
  state: ActivationState,
  actor: AuditActor,
  pending: readonly PendingRow[],
  now: Instant,
): Transition => ({
  key: `stop-${ask.key}`,
  state,
  events: [event("EndRequested", now, { closing: closingIn(state) }, actor)],
  pending,
  done: [ask.key],
});

const closingIn = (state: ActivationState): Closing | null =>
  "closing" in state ? state.closing : "stop" in state ? state.stop : null;

/** What stopping means: before the grant it is over, during the grant it is noted, after the grant the role is removed. */
function stateAfterStop(record: ActivationRecord, closing: Closing, now: Instant): ActivationState | undefined {
  const state = stateOf(record);
  switch (state.status) {
    case "Requested":
    case "AwaitingStepUp":
    case "AwaitingApproval":
    case "Ready":
      return closed("Cancelled", closing, now);
    case "Granting":
      return record.intents.length === 0 ? closed("Cancelled", closing, now) : { ...state, stop: closing };
    case "Active":
      return ending(state, closing, now);
    default:
      return undefined;
  }
}

/** The directory refuses to remove an assignment in its first five minutes: not tried before they are over. */
export function ending(
  held: Pick<Extract<ActivationState, { status: "Active" }>, "assignmentScheduleId" | "startsAt" | "endsAt">,
  closing: Closing,
  now: Instant,
): Extract<ActivationState, { status: "Ending" }> {
  const removableAt = plus(held.startsAt, FIVE_MINUTES_MS);
  return {
    status: "Ending",
    since: now,
    closing,
    attempt: 1,
    notBefore: removableAt > now ? removableAt : now,
    assignmentScheduleId: held.assignmentScheduleId,
    startsAt: held.startsAt,
    endsAt: held.endsAt,
  };
}

function alertIdentityTeam(worker: Worker, record: ActivationRecord, now: Instant): readonly PendingRow[] {
  const { policy, people } = worker.policies;
  const person = people.byKey(record.claim.person);
  const mail = mailTo(
    policy.alertMail,
    "Somebody says: I did not ask for this role",
    [
      `${person?.name ?? record.claim.person} says that the request for ticket ${record.claim.ticket.number} is not theirs.`,
      "The request was cancelled, and new requests of this person are blocked for 24 hours.",
    ],
    worker.links.page(record.id),
    "Open the record",
  );
  return [sendRow(record.id, "disowned", mail, now)];
}
