import { MINUTE_MS, msOf, type Instant } from "../../shared/domain/time.ts";

const REMEMBERED_MS = 10 * MINUTE_MS;
const MOST = 1_000;

/** Requests that this process has taken a short while ago. */
export interface TakenRequests {
  has(digest: string, now: Instant): boolean;
  add(digest: string, now: Instant): void;
}

/**
 * A sender that runs wild repeats a request thousands of times, and each copy would ask the directory and the tables for
 * what is known. Only a request whose claim was written and whose activation was started is remembered, and only for ten
 * minutes; whoever has forgotten it asks the claim, which answers the same.
 */
export function takenRequests(): TakenRequests {
  const takenAt = new Map<string, number>();
  return {
    has: (digest, now) => msOf(now) - (takenAt.get(digest) ?? -Infinity) < REMEMBERED_MS,
    add: (digest, now) => {
      takenAt.delete(digest);
      takenAt.set(digest, msOf(now));
      const [oldest] = takenAt.keys();
      if (takenAt.size > MOST && oldest !== undefined) takenAt.delete(oldest);
    },
  };
}
