import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import type { ActivationStore } from "../../shared/ports/activation-store.ts";
import type { Holders } from "../../shared/ports/controls.ts";
import { stateOf } from "./facts.ts";

/** Whether an activation holds the role by this very schedule, or is just being granted. */
export async function isHeldByActivation(
  { holders, store }: { readonly holders: Pick<Holders, "holder">; readonly store: Pick<ActivationStore, "outline"> },
  row: ActiveAssignment,
): Promise<boolean> {
  const holder = await holders.holder(row);
  const holding = holder && (await store.outline(holder));
  if (!holding) return false;
  const state = stateOf(holding);
  return (
    state.status === "Granting" || ("assignmentScheduleId" in state && state.assignmentScheduleId === row.scheduleId)
  );
}
