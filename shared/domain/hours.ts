import type { HoursPolicy } from "./policy.ts";
import { msOf, type Instant } from "./time.ts";

/** Whether the instant lies within the policy's days and local hours of its time zone. */
export function withinHours(hours: HoursPolicy, at: Instant): boolean {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: hours.zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(msOf(at)));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  const time = `${part("hour")}:${part("minute")}`;
  return hours.days.some((day) => day === part("weekday")) && time >= hours.from && time < hours.to;
}
