const ISO_8601 = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
/** .NET's longest time span, which Service Bus writes for "no limit". */
const UNLIMITED_DAYS = 10_675_199;

/** Milliseconds of an ISO 8601 duration of days, hours, minutes and seconds; `undefined` if it is none. */
export function parseDurationMs(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (!match || text.endsWith("P") || text.endsWith("T")) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part || 0));
  if (days >= UNLIMITED_DAYS) return Infinity;
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}
