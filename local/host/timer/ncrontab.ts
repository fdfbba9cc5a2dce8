/** Says when a timer is due next. */
export interface Schedule {
  /** The first instant after `instant`, in milliseconds since the epoch. */
  next(instant: number): number;
}

interface Field {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly words: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: readonly Field[] = [
  { name: "second", minimum: 0, maximum: 59, words: [] },
  { name: "minute", minimum: 0, maximum: 59, words: [] },
  { name: "hour", minimum: 0, maximum: 23, words: [] },
  { name: "day", minimum: 1, maximum: 31, words: [] },
  { name: "month", minimum: 1, maximum: 12, words: MONTHS },
  { name: "day of week", minimum: 0, maximum: 6, words: DAYS },
];
const DAY_MS = 86_400_000;
/** Some dates never come (31 February); a leap day that is also a given weekday comes within 40 years. */
const MAX_DAYS = 366 * 41;

/**
 * Reads an NCRONTAB expression of six fields (seconds first) or five, in UTC. Unlike Unix cron, day and day of week
 * must both match. @throws Error with what cannot be read
 */
export function parseNcrontab(expression: string): Schedule {
  const texts = expression.trim().split(/\s+/);
  if (texts.length === 5) texts.unshift("0");
  if (texts.length !== 6) throw new Error(`"${expression}" has ${texts.length} fields; a schedule has five or six`);
  const [seconds, minutes, hours, days, months, weekdays] = FIELDS.map((field, index) =>
    parseField(field, texts[index] ?? ""),
  ) as [number[], number[], number[], number[], number[], number[]];
  const times = { hours, minutes, seconds };

  return {
    next: (instant) => {
      const from = Math.floor(instant / 1000) * 1000 + 1000;
      let midnight = Math.floor(from / DAY_MS) * DAY_MS;
      for (let day = 0; day < MAX_DAYS; day++, midnight += DAY_MS) {
        const date = new Date(midnight);
        if (!months.includes(date.getUTCMonth() + 1) || !days.includes(date.getUTCDate())) continue;
        if (!weekdays.includes(date.getUTCDay())) continue;
        const time = firstTime(times, Math.max(0, from - midnight));
        if (time !== undefined) return midnight + time;
      }
      throw new Error(`"${expression}" never comes`);
    },
  };
}

interface Times {
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

/** Milliseconds after midnight of the first time of a day that is not before `fromMs`. */
function firstTime({ hours, minutes, seconds }: Times, fromMs: number): number | undefined {
  for (const hour of hours) {
    if ((hour + 1) * 3_600_000 <= fromMs) continue;
    for (const minute of minutes) {
      if (hour * 3_600_000 + (minute + 1) * 60_000 <= fromMs) continue;
      for (const second of seconds) {
        const time = ((hour * 60 + minute) * 60 + second) * 1000;
        if (time >= fromMs) return time;
      }
    }
  }
  return undefined;
}

/** All values of a field, ascending. */
function parseField(field: Field, text: string): number[] {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [, range = "", stepText] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const step = stepText === undefined ? 1 : Number(stepText);
    const [from, to] = parseRange(field, range, stepText !== undefined);
    if (from === undefined || to === undefined || from > to || step === 0)
      throw new Error(`"${part}" is no ${field.name} of a schedule`);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function parseRange(field: Field, text: string, hasStep: boolean): [number | undefined, number | undefined] {
  if (text === "*" || text === "?") return [field.minimum, field.maximum];
  const [first = "", last] = text.split("-");
  const from = parseValue(field, first);
  if (last !== undefined) return [from, parseValue(field, last)];
  return [from, hasStep ? field.maximum : from];
}

function parseValue({ minimum, maximum, words }: Field, text: string): number | undefined {
  const word = words.findIndex((candidate) => text.length >= 3 && candidate === text.slice(0, 3).toUpperCase());
  const value = word >= 0 ? word + minimum : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= minimum && value <= maximum ? value : undefined;
}
