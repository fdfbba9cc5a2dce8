import { HOUR_MS, MINUTE_MS, parseDuration, SECOND_MS, type Instant } from "../../shared/domain/time.ts";

/** An instant in the time of the reader with UTC beside it: `2026-11-24 10:00 (09:00 UTC)`. `zone` is for tests. */
export function timeText(at: Instant, zone?: string): string {
  const local = dateAndTime(at, zone);
  const utc = dateAndTime(at, "UTC");
  if (local.date === utc.date && local.time === utc.time) return `${utc.date} ${utc.time} UTC`;
  return local.date === utc.date
    ? `${local.date} ${local.time} (${utc.time} UTC)`
    : `${local.date} ${local.time} (${utc.date} ${utc.time} UTC)`;
}

/** For a file, whose readers are in any zone: `2026-11-24 09:00 UTC`. */
export const utcText = (at: Instant): string => timeText(at, "UTC");

function dateAndTime(at: Instant, timeZone: string | undefined): { readonly date: string; readonly time: string } {
  const parts = new Intl.DateTimeFormat("en-GB", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).formatToParts(new Date(at));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return { date: `${part("year")}-${part("month")}-${part("day")}`, time: `${part("hour")}:${part("minute")}` };
}

/** `PT1H30M` as `1 h 30 min`. */
export function durationText(iso: string): string {
  const ms = parseDuration(iso);
  if (ms === undefined) return iso;
  const hours = Math.floor(ms / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  const seconds = Math.floor((ms % MINUTE_MS) / SECOND_MS);
  return [
    [hours, "h"],
    [minutes, "min"],
    [seconds, "s"],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, unit]) => `${count ?? 0} ${unit ?? ""}`)
    .join(" ");
}
