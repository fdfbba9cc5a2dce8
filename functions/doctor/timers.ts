import { HOUR_MS, MINUTE_MS, msOf, type Instant } from "../../shared/domain/time.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { SelfReports } from "../../shared/ports/self-reports.ts";
import type { Log } from "../worker.ts";

/** How long each timer may be silent: a few times its schedule, and two of the four daily looks. */
export const SILENCE_MS = {
  ringDue: 8 * MINUTE_MS,
  sweep: 8 * MINUTE_MS,
  reconcile: 15 * MINUTE_MS,
  writeCheckpoint: 30 * MINUTE_MS,
  tendCampaign: 3 * HOUR_MS,
  checkDaily: 14 * HOUR_MS,
} as const;
export type TimerName = keyof typeof SILENCE_MS;

/** A run is noted so often at most: a timer of every minute costs a write every fourth, and two may be lost unseen. */
const NOTED_EVERY_MS = 4 * MINUTE_MS;

/** Notes that a timer's run ended well. A note that cannot be written holds up nothing. */
export function createRunNotes({
  reports,
  clock,
  log,
}: {
  readonly reports: Pick<SelfReports, "noteRun">;
  readonly clock: Clock;
  readonly log: Log;
}): (timer: TimerName) => Promise<void> {
  const noted = new Map<TimerName, Instant>();
  return async (timer) => {
    const now = clock.now();
    const last = noted.get(timer);
    if (last !== undefined && msOf(now) - msOf(last) < NOTED_EVERY_MS) return;
    try {
      await reports.noteRun(timer, now);
      noted.set(timer, now);
    } catch (error) {
      log("warn", "run not noted", { timer, problem: error instanceof Error ? error.message : "unknown" });
    }
  };
}
