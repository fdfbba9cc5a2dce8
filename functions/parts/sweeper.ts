import type { SweeperPart } from "../composition.ts";
import { laterFrom } from "./later.ts";
import { registerReport, watchedTimer } from "./watched.ts";

const later = laterFrom(() => import("../handlers/sweeper.ts"));

/** Timers: what ends what nobody ends, compares and signs. They can take away, never give. */
export function registerSweeper({ sweeper, notary, examiner, noteRun }: SweeperPart): void {
  const timer = watchedTimer(noteRun);
  timer(
    "sweep",
    "30 * * * * *",
    later((from) => from.sweep(sweeper)),
  );
  timer(
    "reconcile",
    "30 */5 * * * *",
    later((from) => from.reconcile(sweeper)),
  );
  // Within a day also where the directory does not answer at one look, or at the next.
  timer(
    "checkDaily",
    "0 0 5,11,17,23 * * *",
    later((from) => from.checkDaily(sweeper)),
  );
  timer(
    "writeCheckpoint",
    "0 */10 * * * *",
    later((from) => from.writeCheckpoint(notary)),
  );
  registerReport(examiner);
}
