import type { ChangeId, ChangeItem, ChangeState, ItemProgress } from "../../shared/domain/change.ts";
import { GLOBAL_ADMINISTRATOR } from "../../shared/domain/privileged-roles.ts";
import { DAY_MS, HOUR_MS, plus } from "../../shared/domain/time.ts";
import { chunks } from "../../shared/domain/chunks.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { event } from "../activation/change.ts";
import { close, closingOf, putState } from "../changes/change-state.ts";
import { changeSubject, type ChangeWorker } from "../changes/change-worker.ts";
import { progressOf, type OpenedChange } from "../changes/frozen-change.ts";
import type { ItemOutcome } from "../changes/item-outcome.ts";
import { workItem, workItems } from "../changes/work-items.ts";
import { reportLostAnswers } from "./lost-answers.ts";
import { protectAgain, resolveItem, signedAnswers, type SignedAnswers } from "./resolve-item.ts";

type Working = Extract<ChangeState, { readonly status: "Working" }>;

/** Items worked before the state is written and the loop looks up again. */
const MOST_ITEMS = 20;
const AGAIN_AFTER_MS = HOUR_MS;
const TRIED_FOR_MS = 7 * DAY_MS;
/** So many numbers a state holds; where more fail, the rest is only reported. */
const MOST_LEFT = 1_000;
/** All that can become of an item of a review: nothing of it gives. */
const ACTIONS: readonly ChangeItem["action"][] = ["review", "keep", "shorten", "revoke"];

/**
 * Works a stretch of a review, and in the end every hour those that were left: one person's surprise keeps
 * nobody else from their review, and what is to be taken away is tried for a week. May run twice.
 */
export async function workReview(
  worker: ChangeWorker,
  record: ChangeRecord,
  state: Working,
  opened: OpenedChange,
): Promise<ChangeState> {
  const { id } = record.change;
  const signed = await signedAnswers(worker, record, opened);
  if (state.step === 0) await reportLostAnswers(worker, record, opened, signed);
  const left = new Set(state.left);
  const isAgain = state.done >= state.total;
  const numbers = isAgain ? [...left] : nextOf(state);
  for (const some of chunks(numbers, together(opened))) {
    const outcomes = await workReviewed(worker, id, some, signed, isAgain);
    for (const n of some) {
      const outcome = outcomes.get(n);
      if (outcome?.kind === "wait" && !isAgain)
        return putState(worker, record, { ...state, ...progressed(state, n - 1, left), notBefore: outcome.until });
      if (outcome?.kind === "finished") left.delete(n);
      else if (outcome?.kind !== "wait" || outcome.paced !== true) leaveForLater(left, n);
    }
    if (isAgain && [...outcomes.values()].some((outcome) => outcome.kind === "wait" && outcome.paced)) break;
  }
  const next = progressed(state, isAgain ? state.done : (numbers.at(-1) ?? state.done), left);
  const now = worker.clock.now();
  if (next.done < state.total) return putState(worker, record, { ...state, ...next, notBefore: now });
  if (left.size > 0 && now < plus(state.since, TRIED_FOR_MS))
    return putState(worker, record, { ...state, ...next, notBefore: plus(now, AGAIN_AFTER_MS) });
  const worked: ChangeRecord = {
    ...record,
    row: record.row && { ...record.row, state: { ...state, done: state.total - left.size } },
  };
  return left.size === 0
    ? close(worker, worked, "Done", closingOf(null))
    : close(worker, worked, "Stopped", closingOf("DirectorySurprise", `${left.size} items could not be worked`));
}

/** As the last, so that whoever was not tried yet comes before those who were. */
function leaveForLater(left: Set<number>, n: number): void {
  if (left.delete(n) || left.size < MOST_LEFT) left.add(n);
}

const nextOf = ({ done, total }: Working): readonly number[] =>
  Array.from({ length: Math.min(MOST_ITEMS, total - done) }, (_, index) => done + index + 1);

const progressed = ({ step }: Working, done: number, left: ReadonlySet<number>) => ({
  step: step + 1,
  done,
  left: [...left],
});

/**
 * Items stand for themselves and are worked together. Those of Global Administrator are worked one after the other:
 * whether one may go depends on who is left.
 */
const together = ({ frozen: { body } }: OpenedChange): number =>
  body.kind === "review" && body.roleDefinitionId === GLOBAL_ADMINISTRATOR ? 1 : MOST_ITEMS;

/** What came of each; what is wrong with one is its own. @throws DependencyError while the directory answers nothing at all */
async function workReviewed(
  worker: ChangeWorker,
  id: ChangeId,
  numbers: readonly number[],
  signed: SignedAnswers,
  again: boolean,
): Promise<ReadonlyMap<number, ItemOutcome>> {
  const came = new Map<number, ItemOutcome>();
  const resolved: ItemProgress[] = [];
  for (const n of numbers) {
    const progress = progressOf(worker.sealing, await worker.changes.progress(id, n), id, n);
    if (!progress || !ACTIONS.includes(progress.item.action)) {
      came.set(n, await leave(worker, id, n, undefined, "its row was changed"));
      continue;
    }
    const one = await ownFault(worker, progress, () => resolve(worker, progress, signed));
    if ("kind" in one) came.set(n, one);
    else resolved.push(again ? { ...one, again } : one);
  }
  for (const [n, outcome] of await workEach(worker, resolved)) came.set(n, outcome);
  return came;
}

const resolve = async (worker: ChangeWorker, progress: ItemProgress, signed: SignedAnswers): Promise<ItemProgress> =>
  progress.item.action === "review" ? resolveItem(worker, progress, signed) : protectAgain(worker, progress);

/** Together; where the directory rejects what is asked of all at once, each alone. */
async function workEach(
  worker: ChangeWorker,
  items: readonly ItemProgress[],
): Promise<readonly (readonly [number, ItemOutcome])[]> {
  const leaveStopped = async (progress: ItemProgress, outcome: ItemOutcome): Promise<ItemOutcome> =>
    outcome.kind === "stop" ? leave(worker, progress.changeId, progress.n, progress, outcome.because) : outcome;
  const came: (readonly [number, ItemOutcome])[] = [];
  try {
    const outcomes = await workItems(worker, items);
    for (const [index, progress] of items.entries()) {
      const outcome = outcomes[index];
      if (outcome) came.push([progress.n, await leaveStopped(progress, outcome)]);
    }
    return came;
  } catch (error) {
    if (!isRejected(error)) throw error;
  }
  for (const progress of items) {
    const outcome = await ownFault(worker, progress, async () =>
      leaveStopped(progress, await workItem(worker, progress)),
    );
    came.push([progress.n, outcome]);
  }
  return came;
}

const isRejected = (error: unknown): boolean => error instanceof DependencyError && error.code === "Rejected";

/** Does it for one item; what the directory rejects about it leaves it. */
async function ownFault<T>(
  worker: ChangeWorker,
  progress: ItemProgress,
  work: () => Promise<T>,
): Promise<T | ItemOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!isRejected(error)) throw error;
    const because = error instanceof Error ? error.message : "";
    return leave(worker, progress.changeId, progress.n, progress, because);
  }
}

/** An item that cannot be worked now is reported, once. */
async function leave(
  worker: ChangeWorker,
  changeId: ChangeId,
  n: number,
  progress: ItemProgress | undefined,
  because: string,
): Promise<ItemOutcome> {
  const { principalId, roleDefinitionId, directoryScopeId } = progress?.item ?? {};
  const data = { finding: "reviewItemFailed", item: n, principalId, roleDefinitionId, directoryScopeId, because };
  const found = event("FindingReported", worker.clock.now(), data);
  await worker.audit.append(changeSubject(changeId), `item-${n}-failed`, found);
  worker.log("error", "review item failed", { changeId, item: n });
  return { kind: "stop", because };
}
