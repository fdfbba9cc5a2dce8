/** Milliseconds of a .NET TimeSpan, `[days.]hours:minutes[:seconds]`; a first number above 23 means days. */
export function parseTimeSpanMs(text: string): number | undefined {
  const [, days = "0", first = "", second = "", third = "0"] =
    /^(?:(\d+)\.)?(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?$/.exec(text.trim()) ?? [];
  const inDays = days === "0" && Number(first) > 23;
  const [hours, minutes, seconds] = inDays
    ? [Number(second), Number(third), 0]
    : [Number(first), Number(second), Number(third)];
  if (first === "" || hours > 23 || minutes > 59 || seconds >= 60) return undefined;
  const wholeDays = inDays ? Number(first) : Number(days);
  return Math.round((((wholeDays * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}
