import { describe, expect, it } from "vitest";
import { parseTimerSchedule, parseTimeSpan } from "../../../../local/host/timer/timer-schedule.ts";

const next = (schedule: string, from: string): string =>
  new Date(parseTimerSchedule(schedule).next(Date.parse(from))).toISOString();

describe("timer schedules", () => {
  it.each([
    ["0 */5 * * * *", "2026-11-24T10:02:00Z", "2026-11-24T10:05:00.000Z"],
    ["0 */5 * * * *", "2026-11-24T10:05:00Z", "2026-11-24T10:10:00.000Z"],
    ["*/5 * * * *", "2026-11-24T10:02:00Z", "2026-11-24T10:05:00.000Z"],
    ["30 0 0 * * *", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:30.000Z"],
    ["0 30 9 * * Mon-Fri", "2026-11-27T10:00:00Z", "2026-11-30T09:30:00.000Z"],
    ["0 0 12 1 Jan,JUL *", "2026-01-01T12:00:00Z", "2026-07-01T12:00:00.000Z"],
    ["0 5/20 8-9 * * *", "2026-11-24T08:46:00Z", "2026-11-24T09:05:00.000Z"],
    ["0 0 0 29 2 *", "2026-11-24T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["0 0 0 13 * 5", "2026-11-24T00:00:00Z", "2027-08-13T00:00:00.000Z"],
    ["0 0 1 ? * 0", "2026-11-24T00:00:00Z", "2026-11-29T01:00:00.000Z"],
    ["01:30:00", "2026-11-24T10:00:00Z", "2026-11-24T11:30:00.000Z"],
    ["1.00:00:00", "2026-11-24T10:00:00Z", "2026-11-25T10:00:00.000Z"],
  ])("%s after %s is due at %s", (schedule, from, due) => {
    expect(next(schedule, from)).toBe(due);
  });

  it("stays in UTC where clocks elsewhere change", () => {
    expect(next("0 30 2 * * *", "2026-03-28T02:30:00Z")).toBe("2026-03-29T02:30:00.000Z");
    expect(next("0 30 2 * * *", "2026-10-24T02:30:00Z")).toBe("2026-10-25T02:30:00.000Z");
  });

  it.each([
    "",
    "* * *",
    "0 60 * * * *",
    "0 0 24 * * *",
    "0 0 0 0 * *",
    "0 0 0 * * 7",
    "0 5-1 * * * *",
    "0 */0 * * * *",
  ])('refuses "%s"', (schedule) => {
    expect(() => parseTimerSchedule(schedule)).toThrow();
  });

  it("refuses a date that never comes", () => {
    expect(() => parseTimerSchedule("0 0 0 31 2 *")).toThrow(/never comes/);
  });

  it("reads a first number above 23 as days, as .NET does", () => {
    expect(parseTimeSpan("24:00:00")).toBe(24 * 86_400_000);
    expect(parseTimeSpan("23:00:00")).toBe(23 * 3_600_000);
  });

  it.each([
    ["*/10 * * * * *", true],
    ["00:00:30", true],
    ["0 * * * * *", false],
    ["00:01:00", false],
  ])("knows whether %s runs more often than once a minute", (schedule, isFrequent) => {
    expect(parseTimerSchedule(schedule).isFrequent).toBe(isFrequent);
  });
});
