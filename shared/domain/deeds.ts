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
  /** The log had more than was read. */
  readonly more: boolean;
  /** In how many of the windows the log could be looked at: it does not reach back for ever. */
  readonly looked: number;
  readonly of: number;
}

/** The directory keeps its log so long at most. @see https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention */
const LOG_KEPT_MS = 30 * DAY_MS;
const MOST_NAMES = 10;
const LONGEST_NAME = 80;

/** Those windows that the log still covers as a whole. Pure. */
export const windowsInLog = (windows: readonly HeldWindow[], now: Instant): readonly HeldWindow[] =>
  windows.filter(({ from }) => msOf(from) >= msOf(now) - LOG_KEPT_MS);

/** Counts by name what lies in the windows. Pure. */
export function deedsOf(
  activities: readonly DirectoryActivity[],
  read: { readonly windows: readonly HeldWindow[]; readonly of: number; readonly more: boolean; readonly at: Instant },
): Deeds {
  const within = activities.filter(({ at }) => read.windows.some(({ from, to }) => at >= from && at <= to));
  const counts = [...Map.groupBy(within, ({ name }) => name.slice(0, LONGEST_NAME))]
    .map(([name, some]) => ({ name, count: some.length }))
    .toSorted((a, b) => b.count - a.count || a.name.localeCompare(b.name));
  return {
    readAt: read.at,
    activities: counts.slice(0, MOST_NAMES),
    more: read.more || counts.length > MOST_NAMES,
    looked: read.windows.length,
    of: read.of,
  };
}

/** For people; `null` or `undefined`: it was not read. */
export function deedsText(deeds: Deeds | null | undefined): string {
  if (!deeds) return "not read";
  const { activities, more, looked, of, readAt } = deeds;
  if (looked === 0) return "not known, because Entra's log does not reach back so far";
  const what =
    activities.length === 0 ? "nothing" : activities.map(({ name, count }) => `${name} (${count})`).join(", ");
  return [
    what,
    ...(more ? [", and more"] : []),
    ...(looked < of ? [`; in ${looked} of ${of} activations, further back Entra's log does not reach`] : []),
    ` (read on ${readAt.slice(0, 10)})`,
  ].join("");
}
