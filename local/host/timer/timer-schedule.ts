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

/** Milliseconds of a .NET TimeSpan, `[days.]hours:minutes[:seconds]`; a first number above 23 means days. */
export function parseTimeSpan(text: string): number {
  const [, days = "0", first = "", second = "", third = "0"] =
    /^(?:(\d+)\.)?(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?$/.exec(text.trim()) ?? [];
  const inDays = days === "0" && Number(first) > 23;
  const [hours, minutes, seconds] = inDays
    ? [Number(second), Number(third), 0]
    : [Number(first), Number(second), Number(third)];
  const wholeDays = inDays ? Number(first) : Number(days);
  const ms = Math.round((((wholeDays * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
  if (first === "" || hours > 23 || minutes > 59 || seconds >= 60 || ms === 0)
    throw new Error(`"${text}" is neither a schedule of five or six fields nor a time span`);
  return ms;
}
