import type { ActivationState } from "../../shared/domain/activation.ts";
import type { ActivationRecord, Transition } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { Worker } from "../worker.ts";
import { isOurs } from "./read-back.ts";

/**
 * Records that access ends. Where that cannot be written down, for whatever fails to answer, the role is removed all the
 * same: the ask stays, and its record is made up for when the tables are back.
 * @throws DependencyError, ConflictError as `transition` does
 */
export async function recordEnd(
  worker: Worker,
  record: ActivationRecord,
  transition: Transition,
): Promise<ActivationRecord> {
  try {
    return await worker.store.transition(record, transition);
  } catch (error) {
    const { state } = transition;
    if (error instanceof DependencyError && state.status === "Ending") await removeUnrecorded(worker, record, state);
    throw error;
  }
}

/** Only what is there, may be removed by now and is ours by the directory's own word. Run again it removes once. */
async function removeUnrecorded(
  { clock, directory, log }: Worker,
  { id, claim }: ActivationRecord,
  { notBefore, assignmentScheduleId, closing }: Extract<ActivationState, { status: "Ending" }>,
): Promise<void> {
  if (clock.now() < notBefore) return;
  try {
    const rows = await directory.activeAssignments(claim);
    const isThere = rows.some(({ scheduleId }) => scheduleId === assignmentScheduleId);
    if (!isThere || !(await isOurs({ directory }, claim, assignmentScheduleId))) return;
    const justification = `ZS ${id} ${closing.reason}`;
    const { kind } = await directory.remove(claim, { justification, correlationId: crypto.randomUUID() });
    log("error", "removed without a record", { activationId: id, answer: kind });
  } catch (error) {
    const problem = error instanceof Error ? error.message : "unknown";
    log("error", "not removed, and not recorded", { activationId: id, problem });
  }
}
