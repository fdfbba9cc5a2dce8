import type { ChangeState } from "../../shared/domain/change.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { askApprovers, askReviewers } from "./change-mail.ts";
import { changeStateOf, closingOf, close, putState } from "./change-state.ts";
import type { ChangeWorker } from "./change-worker.ts";
import { openedChange } from "./frozen-change.ts";

/** Asks the second persons once more, half-way to the end of the time. */
export async function remindChange(worker: ChangeWorker, record: ChangeRecord): Promise<ChangeState> {
  const state = changeStateOf(record);
  const opened = openedChange(worker.sealing, record);
  if (!("remindAt" in state) || worker.clock.now() < state.remindAt) return state;
  if (!opened) return close(worker, record, "Stopped", closingOf("RecordTampered"));
  const ask = state.status === "AwaitingReview" ? askReviewers : askApprovers;
  await ask(worker, opened.frozen, state.until, "reminder");
  return putState(worker, record, { ...state, remindAt: state.until });
}

/** Ends a change whose time is over: nothing was done. A review goes on to what its answers come to. */
export async function closeChange(worker: ChangeWorker, record: ChangeRecord): Promise<ChangeState> {
  const state = changeStateOf(record);
  if (!("until" in state) || worker.clock.now() < state.until) return state;
  if (state.status === "AwaitingReview") {
    const now = worker.clock.now();
    const total = openedChange(worker.sealing, record)?.frozen.total ?? 0;
    return putState(worker, record, { status: "Working", since: now, step: 0, done: 0, total, notBefore: now });
  }
  const reason =
    state.status === "AwaitingApproval"
      ? "ApprovalTimedOut"
      : state.status === "Requested"
        ? "DirectoryUnavailable"
        : "ConfirmationTimedOut";
  return close(worker, record, "Expired", closingOf(reason));
}
