import { instant, MINUTE_MS, msOf, type Instant } from "./time.ts";

/**
 * Graph takes 3,000 writes of one app and tenant in 150 seconds. Bulk work (waves, reviews, settings of roles) gets half of
 * that: so many at once, and one more every so often, are at most 1,500 in any 150 seconds. Grants and their ends ask nobody.
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
const AT_ONCE = 300;
const EVERY_MS = 125;
const FULL_MS = AT_ONCE * EVERY_MS;

/** What bulk work may write now. */
export interface PaceTaken {
  readonly granted: number;
  /** Until when what was granted so far uses the pace up; kept for the next one who asks. */
  readonly usedUntil: Instant;
  /** When it is worth asking for the rest: by then half of what goes at once is free, so that few ask in vain. */
  readonly again: Instant;
  /** What was kept could not be: somebody spoiled it, or a clock is wrong. It was put right. */
  readonly spoiled?: true;
}

/** What the clocks of instances may differ, so that what one took does not look spoiled to another. */
const CLOCKS_DIFFER_MS = 2 * MINUTE_MS;

/** Whether what is kept lies further ahead than the pace ever does. Pure. */
export const isBeyondPace = (usedUntil: Instant, now: Instant): boolean =>
  msOf(usedUntil) > msOf(now) + FULL_MS + CLOCKS_DIFFER_MS;

/** @param usedUntil as kept; what lies further ahead than the pace ever does counts as used up, no more. Pure. */
export function takeWrites(usedUntil: Instant | undefined, wanted: number, now: Instant): PaceTaken {
  const nowMs = msOf(now);
  const from = Math.min(Math.max(usedUntil === undefined ? nowMs : msOf(usedUntil), nowMs), nowMs + FULL_MS);
  const granted = Math.min(wanted, Math.floor((nowMs + FULL_MS - from) / EVERY_MS));
  const used = from + granted * EVERY_MS;
  return { granted, usedUntil: instant(used), again: instant(Math.max(nowMs, used - FULL_MS / 2)) };
}
