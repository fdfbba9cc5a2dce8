import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { ChangeClosing, ChangeEnd, ChangeFacts, ChangeId, ChangeState } from "../../shared/domain/change.ts";
import type { ReasonCode } from "../../shared/domain/reasons.ts";
import { HOUR_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { PendingRow } from "../../shared/ports/activation-store.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { event } from "../activation/change.ts";
import { changeSubject, type ChangeWorker } from "./change-worker.ts";
import { tellOutcome } from "./change-mail.ts";

/**
 * The state in force; a change that nobody opened yet is `Requested`. Who asked can ask again after an hour; a review comes
 * only with the next campaign, so it can be opened as long as it can be answered.
 */
export const changeStateOf = ({ change, row }: Pick<ChangeRecord, "change" | "row">): ChangeState =>
  row?.state ?? {
    status: "Requested",
    since: change.askedAt,
    until: change.body.kind === "review" ? change.body.until : plus(change.askedAt, HOUR_MS),
  };

/** What somebody sent for a change and nobody recorded yet. */
export const isSent = ({ body }: PendingRow): boolean => body.kind === "proof" || body.kind === "stop";

export function changeFacts(state: ChangeState, waiting: readonly PendingRow[]): ChangeFacts {
  const keys = waiting.filter(isSent).map(({ key }) => key);
  return { state, waiting: keys.length === 0 ? "" : sha256Hex(keys.join()).slice(0, 16) };
}

/** @throws Error when somebody else wrote meanwhile: the loop looks again */
export async function putState(worker: ChangeWorker, record: ChangeRecord, state: ChangeState): Promise<ChangeState> {
  if (await worker.changes.putState(record.change.id, state, record.row?.etag)) return state;
  throw new Error("the state of the change was written by somebody else meanwhile");
}

export const closingOf = (
  reason: ReasonCode | null,
  detail: string | null = null,
  by: ChangeClosing["by"] = null,
): ChangeClosing => ({ reason, detail, by });

/**
 * Ends a change: the record, what people are told, and only then the state, so that a crash in between repeats them.
 * Gives back the lock and the attention of `ringDue`. May run twice.
 */
export async function close(
  worker: ChangeWorker,
  record: ChangeRecord,
  status: ChangeEnd,
  closing: ChangeClosing,
): Promise<ChangeState> {
  const before = changeStateOf(record);
  const { done, total } = "done" in before ? before : { done: 0, total: 0 };
  const now: Instant = worker.clock.now();
  const { id } = record.change;
  const state: ChangeState = { status, since: now, done, total, closing };
  await worker.audit.append(changeSubject(id), "closed", event("ChangeClosed", now, { status, closing, done, total }));
  await tellOutcome(worker, record, state);
  const written = await putState(worker, record, state);
  await release(worker, id);
  return written;
}

/** What a change holds while it is under way. May run twice. */
export async function release(worker: ChangeWorker, id: ChangeId): Promise<void> {
  await worker.changes.unlock(STANDING_LOCK, id);
  await worker.store.settle(id, ["change"]);
}

/** One conversion or way back at a time. */
export const STANDING_LOCK = "standing";
