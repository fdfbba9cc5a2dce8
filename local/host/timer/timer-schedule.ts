import { parseTimeSpanMs } from "../time-span.ts";
import { parseNcrontab, type Schedule } from "./ncrontab.ts";

const MINUTE_MS = 60_000;

export interface TimerSchedule extends Schedule {
  /** Timers that run more often than once a minute keep no record, so that none is past due. */
  readonly isFrequent: boolean;
}

/** Reads the `schedule` of a timer trigger: NCRONTAB or a .NET TimeSpan. @throws Error with what cannot be read */
export function parseTimerSchedule(text: string): TimerSchedule {
  const intervalMs = text.includes(":") ? parseTimeSpan(text) : undefined;
  if (intervalMs !== undefined) return { next: (instant) => instant + intervalMs, isFrequent: intervalMs < MINUTE_MS };
  const schedule = parseNcrontab(text);
  const first = schedule.next(0);
  return { ...schedule, isFrequent: schedule.next(first) - first < MINUTE_MS };
}

/** The interval that a .NET TimeSpan states. */
export function parseTimeSpan(text: string): number {
  const ms = parseTimeSpanMs(text);
  if (!ms) throw new Error(`"${text}" is neither a schedule of five or six fields nor a time span`);
  return ms;
}
