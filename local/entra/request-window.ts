import { pimError } from "./errors.ts";
import { instantText, type ScheduleInfo } from "./facts.ts";
import { parseDuration } from "./policy-rules.ts";
import type { Order } from "./request-body.ts";

export const FIVE_MINUTES_MS = 300_000;

/** When a role is asked for, as the directory understands it. */
export interface Window {
  readonly startsAt: number;
  /** `null`: without end. */
  readonly endsAt: number | null;
  readonly scheduleInfo: ScheduleInfo;
}

/** A start in the past becomes now, and the end counts from there. */
export function windowOf({ scheduleInfo }: Order, now: number): Window {
  const invalid = (message?: string): Error => pimError("InvalidRoleAssignmentRequestSchedule", message);
  if (!scheduleInfo) throw invalid("scheduleInfo is missing.");
  if (scheduleInfo.recurrence != null) throw invalid("A recurrence is not supported.");
  const startsAt = Math.max(now, Date.parse(scheduleInfo.startDateTime ?? instantText(now)));
  const { type = "notSpecified", duration, endDateTime } = scheduleInfo.expiration ?? {};
  const answer = (endsAt: number | null, expiration: ScheduleInfo["expiration"]): Window => {
    if (endsAt !== null && endsAt <= startsAt) throw invalid("The end lies before the start.");
    if (endsAt !== null && endsAt - startsAt < FIVE_MINUTES_MS) throw pimError("ActiveDurationTooShort");
    return { startsAt, endsAt, scheduleInfo: { startDateTime: instantText(startsAt), recurrence: null, expiration } };
  };
  switch (type) {
    case "afterDuration": {
      const durationMs = parseDuration(duration ?? "");
      if (durationMs === undefined) throw invalid(`The duration '${duration ?? ""}' is invalid.`);
      return answer(startsAt + durationMs, { type, endDateTime: null, duration: duration ?? null });
    }
    case "afterDateTime":
      if (!endDateTime) throw invalid("endDateTime is missing.");
      return answer(Date.parse(endDateTime), { type, endDateTime, duration: null });
    case "notSpecified":
    case "noExpiration":
    case null:
      return answer(null, { type: "noExpiration", endDateTime: null, duration: null });
  }
}
