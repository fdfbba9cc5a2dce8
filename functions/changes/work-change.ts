import type { ChangeBody, ChangeId, ChangeState, ItemProgress } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { GLOBAL_ADMINISTRATOR } from "../../shared/domain/privileged-roles.ts";
import { MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { authorise } from "./authorised.ts";
import { changeStateOf, close, closingOf, putState } from "./change-state.ts";
import { changeSubject, type ChangeWorker } from "./change-worker.ts";
import { changeVerdicts, progressOf, type OpenedChange } from "./frozen-change.ts";
import { resolveItem, signedAnswers } from "../review/resolve-item.ts";
import { workItems } from "./work-items.ts";
import { event } from "../activation/change.ts";

/** Items finished before the state is written and the loop looks up again. */
const MOST_ITEMS = 20;
const FROZEN_PAUSE_MS = MINUTE_MS;

/**
 * Works a stretch of items and stops at the first surprise: what comes after it is left alone.
 * Everything that permits the work is verified again first. May run twice: the directory says how far each item is.
 */
export async function workChange(worker: ChangeWorker, record: ChangeRecord): Promise<ChangeState> {
  const state = changeStateOf(record);
  if (state.status !== "Working" || worker.clock.now() < state.notBefore) return state;
  const permitted = await authorise(worker, record);
  if ("refusal" in permitted) {
    const { reason, detail } = permitted.refusal;
    return close(worker, record, "Stopped", closingOf(reason, detail ?? null));
  }
  if (await worker.controls.freeze())
    return pauseUntil(worker, record, state, state.done, plus(worker.clock.now(), FROZEN_PAUSE_MS));
  const { frozen } = permitted.opened;
  const { kind } = frozen.body; // what was sealed, not what the row says now
  if (kind === "policy") await worker.acceptance.accept(personsBehind(worker, record, permitted.opened));
  const isReview = kind === "review";
  const signed = isReview ? await signedAnswers(worker, record, permitted.opened) : [];
  let { done } = state;
  for (const last = Math.min(state.total, done + MOST_ITEMS); done < last;) {
    const stretch = await readStretch(worker, record.change.id, done + 1, Math.min(together(frozen.body), last - done));
    if (stretch.length === 0)
      return close(worker, withDone(record, state, done), "Stopped", closingOf("RecordTampered", `item ${done + 1}`));
    const resolved = [];
    for (const one of stretch)
      resolved.push(one.item.action === "review" ? await resolveItem(worker, one, signed) : one);
    const outcomes = await workItems(worker, resolved);
    for (const [index, progress] of stretch.entries()) {
      const outcome = outcomes[index];
      if (outcome?.kind === "wait") return pauseUntil(worker, record, state, done, outcome.until);
      if (outcome?.kind === "stop" && !isReview)
        return surprise(worker, withDone(record, state, done), progress, outcome.because);
      if (outcome?.kind === "stop") await leave(worker, progress, outcome.because); // one person's surprise keeps no others from their review
      done += 1;
    }
  }
  const worked = withDone(record, state, done);
  if (done < state.total) return pauseUntil(worker, record, state, done, worker.clock.now());
  return close(worker, worked, "Done", closingOf(null));
}

/**
 * Items of a review are worked together, because each stands for itself. Those of Global Administrator, and everything
 * else, one after the other: whether one may go depends on who is left.
 */
const together = (body: ChangeBody): number =>
  body.kind === "review" && body.roleDefinitionId !== GLOBAL_ADMINISTRATOR ? MOST_ITEMS : 1;

/** So many items from number `first` on, as far as they are as the worker sealed them. */
async function readStretch(
  worker: ChangeWorker,
  id: ChangeId,
  first: number,
  count: number,
): Promise<readonly ItemProgress[]> {
  const found: ItemProgress[] = [];
  for (const row of await worker.changes.allProgress(id, first, count)) {
    const progress = progressOf(worker.sealing, row, id, first + found.length);
    if (!progress) break;
    found.push(progress);
  }
  return found;
}

/** Who asked and who agreed, each once. */
const personsBehind = (worker: ChangeWorker, record: ChangeRecord, { digest }: OpenedChange): readonly PersonKey[] => [
  ...new Set(changeVerdicts(worker.sealing, record, digest).map(({ person }) => person)),
];

type Working = Extract<ChangeState, { readonly status: "Working" }>;

const pauseUntil = (
  worker: ChangeWorker,
  record: ChangeRecord,
  state: Working,
  done: number,
  notBefore: Instant,
): Promise<ChangeState> => putState(worker, record, { ...state, step: state.step + 1, done, notBefore });

/** The record as it reads with so many done, for what is told at the end. */
const withDone = (record: ChangeRecord, state: Working, done: number): ChangeRecord => ({
  ...record,
  row: record.row && { ...record.row, state: { ...state, done } },
});

/** An item of a review that cannot be worked is reported, and the rest goes on. */
async function leave(worker: ChangeWorker, { changeId, n, item }: ItemProgress, because: string): Promise<void> {
  const { principalId, roleDefinitionId, directoryScopeId } = item;
  const data = { finding: "reviewItemFailed", item: n, principalId, roleDefinitionId, directoryScopeId, because };
  await worker.audit.append(
    changeSubject(changeId),
    `item-${n}-failed`,
    event("FindingReported", worker.clock.now(), data),
  );
  worker.log("error", "review item failed", { changeId, item: n });
}

async function surprise(
  worker: ChangeWorker,
  record: ChangeRecord,
  progress: ItemProgress,
  because: string,
): Promise<ChangeState> {
  const { n, item } = progress;
  const detail = `${item.role} of ${item.holder}: ${because}`;
  await worker.audit.append(
    changeSubject(progress.changeId),
    `item-${n}-stopped`,
    event("FindingReported", worker.clock.now(), {
      finding: "changeStopped",
      item: n,
      principalId: item.principalId,
      because,
    }),
  );
  worker.log("error", "change stopped", { changeId: progress.changeId, item: n });
  return close(worker, record, "Stopped", closingOf("DirectorySurprise", detail));
}
