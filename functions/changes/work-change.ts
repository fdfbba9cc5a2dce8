import { onlyTakes, type ChangeState, type ItemProgress } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import type { WritePace } from "../../shared/ports/write-pace.ts";
import { authorise } from "./authorised.ts";
import { changeStateOf, close, closingOf, putState } from "./change-state.ts";
import { changeSubject, type ChangeWorker } from "./change-worker.ts";
import { changeVerdicts, progressOf, type OpenedChange } from "./frozen-change.ts";
import { workReview } from "../review/work-review.ts";
import { workItem } from "./work-items.ts";
import { event } from "../activation/change.ts";

/** Items finished before the state is written and the loop looks up again. */
const MOST_ITEMS = 20;
const FROZEN_PAUSE_MS = MINUTE_MS;
/** One person's eligibility is no bulk, and may be urgent. */
const AT_ONCE: WritePace = { take: async (granted, at) => ({ granted, usedUntil: at, again: at }) };

/**
 * Works a stretch of items, one after the other, and stops at the first surprise: what comes after it is left alone.
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
  const { body } = permitted.opened.frozen; // what was sealed, not what the row says now
  if (!onlyTakes(body) && (await worker.controls.freeze()))
    return pauseUntil(worker, record, state, state.done, plus(worker.clock.now(), FROZEN_PAUSE_MS));
  if (body.kind === "policy") await worker.acceptance.accept(personsBehind(worker, record, permitted.opened));
  if (body.kind === "review") return workReview(worker, record, state, permitted.opened);
  const own = body.kind === "eligibility" ? { ...worker, pace: AT_ONCE } : worker;
  let { done } = state;
  for (const last = Math.min(state.total, done + MOST_ITEMS); done < last; done += 1) {
    const progress = progressOf(
      worker.sealing,
      await worker.changes.progress(record.change.id, done + 1),
      record.change.id,
      done + 1,
    );
    if (!progress)
      return close(worker, withDone(record, state, done), "Stopped", closingOf("RecordTampered", `item ${done + 1}`));
    const outcome = await workItem(own, progress);
    if (outcome.kind === "wait") return pauseUntil(worker, record, state, done, outcome.until);
    if (outcome.kind === "stop") return surprise(worker, withDone(record, state, done), progress, outcome.because);
  }
  const worked = withDone(record, state, done);
  if (done < state.total) return pauseUntil(worker, record, state, done, worker.clock.now());
  return close(worker, worked, "Done", closingOf(null));
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

async function surprise(
  worker: ChangeWorker,
  record: ChangeRecord,
  progress: ItemProgress,
  because: string,
): Promise<ChangeState> {
  const { n, item } = progress;
  const detail = `${item.role}${item.action === "setRule" ? "," : " of"} ${item.holder}: ${because}`;
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
