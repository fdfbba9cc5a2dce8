import { DAY_MS, msOf, type Instant } from "./time.ts";

/** A time in which an account held a role. */
export interface HeldWindow {
  readonly from: Instant;
  readonly to: Instant;
}

/** One row of the directory's own log. */
export interface DirectoryActivity {
  readonly name: string;
  readonly at: Instant;
}

/** What an account did in the directory while it held a role, as far as the directory's log shows it. */
export interface Deeds {
  readonly readAt: Instant;
  /** How often each activity was seen, the most frequent first. */
  readonly activities: readonly { readonly name: string; readonly count: number }[];
  /** There are more activities than these. */
  readonly more: boolean;
  /** The log has more: only so many of its rows were read. */
  readonly onlyFirst?: number;
  /** In how many of the windows the log could be looked at: it does not reach back for ever. */
  readonly looked: number;
  readonly of: number;
}

/** The directory keeps its log so long at most. @see https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention */
const LOG_KEPT_MS = 30 * DAY_MS;
const MOST_NAMES = 10;
const MOST_COUNTED = 500;
const LONGEST_NAME = 80;

/** Those windows that the log still covers as a whole. Pure. */
export const windowsInLog = (windows: readonly HeldWindow[], now: Instant): readonly HeldWindow[] =>
  windows.filter(({ from }) => msOf(from) >= msOf(now) - LOG_KEPT_MS);

/** Counts by name, over pages of the log: as large as there are names, however long the log is. */
export interface SeenActivities {
  readonly counts: ReadonlyMap<string, number>;
  /** Rows of the log. */
  readonly rows: number;
}

export const NOTHING_SEEN: SeenActivities = { counts: new Map(), rows: 0 };

/** One page more: what lies in the windows is counted. Names beyond so many are left out. Pure. */
export function seeActivities(
  seen: SeenActivities,
  activities: readonly DirectoryActivity[],
  windows: readonly HeldWindow[],
): SeenActivities {
  const counts = new Map(seen.counts);
  for (const { name: whole, at } of activities) {
    const name = whole.slice(0, LONGEST_NAME);
    const isWithin = windows.some(({ from, to }) => at >= from && at <= to);
    if (isWithin && (counts.has(name) || counts.size < MOST_COUNTED)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { counts, rows: seen.rows + activities.length };
}

/** @param read.unread whether the log has more than was read. Pure. */
export function deedsOf(
  { counts, rows }: SeenActivities,
  read: {
    readonly windows: readonly HeldWindow[];
    readonly of: number;
    readonly unread: boolean;
    readonly at: Instant;
  },
): Deeds {
  const activities = [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((a, b) => b.count - a.count || a.name.localeCompare(b.name));
  return {
    readAt: read.at,
    activities: activities.slice(0, MOST_NAMES),
    more: activities.length > MOST_NAMES,
    ...(read.unread ? { onlyFirst: rows } : {}),
    looked: read.windows.length,
    of: read.of,
  };
}

/** For people; `null` or `undefined`: it was not read. */
export function deedsText(deeds: Deeds | null | undefined): string {
  if (!deeds) return "not read";
  const { activities, more, onlyFirst, looked, of, readAt } = deeds;
  if (looked === 0) return "not known, because Entra's log does not reach back so far";
  const what =
    activities.length === 0 ? "nothing" : activities.map(({ name, count }) => `${name} (${count})`).join(", ");
  return [
    what,
    ...(more ? [", and more"] : []),
    ...(onlyFirst === undefined ? [] : [`; only the first ${onlyFirst} entries of Entra's log were read`]),
    ...(looked < of ? [`; in ${looked} of ${of} activations, further back Entra's log does not reach`] : []),
    ` (read on ${readAt.slice(0, 10)})`,
  ].join("");
}
