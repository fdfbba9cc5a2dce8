import type { ChangeState } from "../../shared/domain/change.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { askApprovers } from "./change-mail.ts";
import { changeStateOf, closingOf, close, putState } from "./change-state.ts";
import type { ChangeWorker } from "./change-worker.ts";
import { openedChange } from "./frozen-change.ts";

/** Asks the second persons once more, half-way to the end of the time. */
export async function remindChange(worker: ChangeWorker, record: ChangeRecord): Promise<ChangeState> {
  const state = changeStateOf(record);
  const opened = openedChange(worker.sealing, record);
  if (state.status !== "AwaitingApproval" || worker.clock.now() < state.remindAt) return state;
  if (!opened) return close(worker, record, "Stopped", closingOf("RecordTampered"));
  await askApprovers(worker, opened.frozen, state.until, "reminder");
  return putState(worker, record, { ...state, remindAt: state.until });
}

/** Ends a change whose time is over: nothing was done. */
export async function closeChange(worker: ChangeWorker, record: ChangeRecord): Promise<ChangeState> {
  const state = changeStateOf(record);
  if (!("until" in state) || worker.clock.now() < state.until) return state;
  const reason =
    state.status === "AwaitingApproval"
      ? "ApprovalTimedOut"
      : state.status === "Requested"
        ? "DirectoryUnavailable"
        : "ConfirmationTimedOut";
  return close(worker, record, "Expired", closingOf(reason));
}
