/** What the sweeper's timers do: one chunk, loaded with the first of them. */
export { reconcile } from "../activation/reconcile.ts";
export { sweep } from "../activation/sweep.ts";
export { checkDaily } from "../triggers/check-drift.timer.ts";
export { writeCheckpoint } from "../triggers/write-checkpoint.timer.ts";
