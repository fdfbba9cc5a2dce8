import type { ChangeState } from "../../shared/domain/change.ts";
import { isSilent } from "../../shared/domain/reviewers.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { askReviewers } from "../review/review-mail.ts";
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

/** First a reminder; where somebody is left without an answer at the escalation, others are asked as well. */
async function remindReviewers(
  worker: ChangeWorker,
  record: ChangeRecord,
  { frozen, digest }: OpenedChange,
  state: Extract<ChangeState, { readonly status: "AwaitingReview" }>,
): Promise<ChangeState> {
  const { escalateAt, ...rest } = state;
  const now = worker.clock.now();
  if (escalateAt === undefined || now < escalateAt) {
    await askReviewers(worker, frozen, state.until, "reminder");
    return putState(worker, record, { ...state, remindAt: escalateAt ?? state.until });
  }
  const signed = new Set(changeVerdicts(worker.sealing, record, digest).map(({ slot }) => slot));
  const silent = isSilent(frozen.approvers, signed);
  if (silent) {
    const persons = frozen.approvers.filter(({ backup }) => backup).map(({ person }) => person);
    const escalated = event("ApproversEscalated", now, { approvers: persons }, WORKER);
    await worker.audit.append(changeSubject(frozen.id), "escalated", escalated);
    await askReviewers(worker, frozen, state.until, "escalation");
  }
  return putState(worker, record, { ...rest, remindAt: state.until, ...(silent ? { escalated: true } : {}) });
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
