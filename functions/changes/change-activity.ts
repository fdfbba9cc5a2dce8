import type { ActivityHandler } from "durable-functions";
import type { ChangeFacts, ChangeState } from "../../shared/domain/change.ts";
import { isOver } from "../../shared/domain/change.ts";
import { parseActivationId } from "../../shared/domain/ids.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { changeFacts, changeStateOf, closingOf, release } from "./change-state.ts";
import type { ChangeWorker } from "./change-worker.ts";

/** One effect on one change: gets the record as stored, answers its state afterwards. May run twice. */
export type ChangeEffect = (worker: ChangeWorker, record: ChangeRecord) => Promise<ChangeState>;

/** Makes the activity of an effect: load, do, answer the facts. A fault is logged here, in our words, and thrown on. */
export const changeActivity =
  (worker: ChangeWorker, name: string, effect: ChangeEffect): ActivityHandler =>
  async (input: { readonly id: string }): Promise<ChangeFacts> => {
    const id = parseActivationId(input.id);
    const record = id && (await worker.changes.load(id));
    if (!record) return unknownChange(worker, input.id);
    try {
      const before = changeStateOf(record);
      const state = isOver(before) && name !== "recordChange" ? before : await effect(worker, record);
      if (isOver(state)) await release(worker, record.change.id); // a crash may have come between the end and this
      return changeFacts(state, await worker.store.waiting(record.change.id));
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown";
      worker.log("warn", `${name} failed`, { changeId: record.change.id, problem });
      throw error;
    }
  };

/** An orchestration without a change was started by nobody who may, or before its rows were written: it ends at once. */
async function unknownChange(worker: ChangeWorker, id: string): Promise<ChangeFacts> {
  const changeId = parseActivationId(id);
  worker.log("warn", "orchestration without a change", { changeId: id.slice(0, 64) });
  if (changeId)
    await worker.store.settle(
      changeId,
      (await worker.store.waiting(changeId)).map(({ key }) => key),
    );
  const since = worker.clock.now();
  return { state: { status: "Stopped", since, done: 0, total: 0, closing: closingOf("InternalFault") }, waiting: "" };
}
