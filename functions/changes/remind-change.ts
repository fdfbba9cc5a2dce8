import type { ChangeState, ReviewMail } from "../../shared/domain/change.ts";
import { isSilent } from "../../shared/domain/reviewers.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { askReviewers, stillTelling } from "../review/review-mail.ts";
import { askApprovers } from "./change-mail.ts";
import { changeStateOf, closingOf, close, putState } from "./change-state.ts";
import { event, WORKER } from "../activation/change.ts";
import { changeSubject, type ChangeWorker } from "./change-worker.ts";
import { takeEntraAnswers } from "../review/entra-review.ts";
import { changeVerdicts, openedChange, type OpenedChange } from "./frozen-change.ts";

/** Asks the second persons once more, half-way to the end of the time; in a review, later on, those who stand in. */
export async function remindChange(worker: ChangeWorker, record: ChangeRecord): Promise<ChangeState> {
  const state = changeStateOf(record);
  const opened = openedChange(worker.sealing, record);
  if (!("remindAt" in state) || worker.clock.now() < state.remindAt) return state;
  if (!opened) return close(worker, record, "Stopped", closingOf("RecordTampered"));
  if (state.status === "AwaitingReview") return remindReviewers(worker, record, opened, state);
  await askApprovers(worker, opened.frozen, state.until, "reminder");
  return putState(worker, record, { ...state, remindAt: state.until });
}

/**
 * First a reminder; where somebody is left without an answer at the escalation, others are asked as well. Before each of
 * them, those who could not be mailed yet.
 */
async function remindReviewers(
  worker: ChangeWorker,
  record: ChangeRecord,
  { frozen, digest }: OpenedChange,
  { telling, ...told }: Extract<ChangeState, { readonly status: "AwaitingReview" }>,
): Promise<ChangeState> {
  const now = worker.clock.now();
  const tell = async (state: typeof told, kind: ReviewMail): Promise<ChangeState> =>
    putState(worker, record, stillTelling(state, kind, await askReviewers(worker, frozen, state.until, kind)));
  if (telling && now < telling.then) return tell({ ...told, remindAt: telling.then }, telling.kind);
  const { escalateAt, ...rest } = told;
  if (escalateAt === undefined || now < escalateAt)
    return tell({ ...told, remindAt: escalateAt ?? told.until }, "reminder");
  const signed = new Set(changeVerdicts(worker.sealing, record, digest).map(({ slot }) => slot));
  if (!isSilent(frozen.approvers, signed)) return putState(worker, record, { ...rest, remindAt: rest.until });
  const persons = frozen.approvers.filter(({ backup }) => backup).map(({ person }) => person);
  const escalated = event("ApproversEscalated", now, { approvers: persons }, WORKER);
  await worker.audit.append(changeSubject(frozen.id), "escalated", escalated);
  return tell({ ...rest, remindAt: rest.until, escalated: true }, "escalation");
}

/** Ends a change whose time is over: nothing was done. A review goes on to what its answers come to. */
export async function closeChange(worker: ChangeWorker, record: ChangeRecord): Promise<ChangeState> {
  const state = changeStateOf(record);
  if (!("until" in state) || worker.clock.now() < state.until) return state;
  if (state.status === "AwaitingReview") {
    const opened = openedChange(worker.sealing, record);
    if (opened?.frozen.inEntra !== undefined) return takeEntraAnswers(worker, record, opened, opened.frozen.inEntra);
    const now = worker.clock.now();
    const total = opened?.frozen.total ?? 0;
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
