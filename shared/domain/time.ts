/** An ISO 8601 instant in UTC with milliseconds (`2026-11-24T09:00:00.000Z`), so that text order is time order. */
export type Instant = string;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export const instant = (ms: number): Instant => new Date(ms).toISOString();

export const msOf = (at: Instant): number => Date.parse(at);

export const plus = (at: Instant, ms: number): Instant => instant(msOf(at) + ms);

export const earliest = (...instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.filter((at) => at !== undefined).toSorted()[0];

/**
 * Normalises any ISO 8601 date-time with an offset (also `+0000`, also seven fraction digits) to an `Instant`;
 * `undefined` for anything else.
 */
export function parseInstant(text: string): Instant | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$/.exec(text);
  if (!match) return undefined;
  const [, seconds = "", fraction = "", zone = ""] = match;
  const offset = zone === "Z" || zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const ms = Date.parse(`${seconds}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(ms) ? undefined : instant(ms);
}

/** ISO 8601 duration in days and times (`P1DT2H`, `PT90M`) to milliseconds; months, years, weeks, zero and signs are refused. */
export function parseDuration(text: string): number | undefined {
  const match = /^P(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/.exec(text);
  if (!match || text.endsWith("T")) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const ms = days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
  return ms > 0 ? ms : undefined;
}

/** Milliseconds as the shortest ISO 8601 duration, whole seconds. */
export function formatDuration(ms: number): string {
  const total = Math.floor(ms / SECOND_MS);
  const [days, hours, minutes, seconds] = [
    Math.floor(total / 86_400),
    Math.floor((total % 86_400) / 3_600),
    Math.floor((total % 3_600) / 60),
    total % 60,
  ];
  const time = `${hours ? `${hours}H` : ""}${minutes ? `${minutes}M` : ""}${seconds ? `${seconds}S` : ""}`;
  return `P${days ? `${days}D` : ""}${time ? `T${time}` : days ? "" : "T0S"}`;
}
