import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import type { ActivationOutline, ActivationStore } from "../../shared/ports/activation-store.ts";
import type { Holders } from "../../shared/ports/controls.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { stateOf } from "./facts.ts";

interface Reader {
  readonly holders: Pick<Holders, "holder">;
  readonly store: Pick<ActivationStore, "outline">;
}

/** Whether an activation holds the role by this very schedule, or is just being granted. One that is over holds nothing. */
export async function isHeldByActivation(reader: Reader, row: ActiveAssignment): Promise<boolean> {
  const holding = await holdingOf(reader, row);
  if (!holding) return false;
  const state = stateOf(holding);
  return (
    state.status === "Granting" ||
    ((state.status === "Active" || state.status === "Ending") && state.assignmentScheduleId === row.scheduleId)
  );
}

/** Rows that cannot be read vouch for nothing. @throws DependencyError */
async function holdingOf({ holders, store }: Reader, row: ActiveAssignment): Promise<ActivationOutline | undefined> {
  try {
    const holder = await holders.holder(row);
    return holder && (await store.outline(holder));
  } catch (error) {
    if (error instanceof DependencyError) throw error;
    return undefined;
  }
}
