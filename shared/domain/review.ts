import type { ReviewOutcome } from "./change.ts";
import type { PersonKey } from "./ids.ts";
import type { ReviewPolicy } from "./policy.ts";
import { DAY_MS, msOf, plus, type Instant } from "./time.ts";

/** What a reviewer says about one eligibility. */
export interface ReviewAnswer {
  readonly choice: "keep" | "shorten" | "remove";
  /** Needed for keeping what was never used. */
  readonly reason: string;
}

/** An answer as it is kept and signed. */
export interface KeptAnswer extends ReviewAnswer {
  /** Digest of the item that the reviewer saw: it counts for that one alone, whatever its number. */
  readonly about: string;
}

/** A shortened eligibility ends so long after the decision. */
export const SHORTENED_MS = 30 * DAY_MS;

/** The campaign that is due: its number since the first, and when it opened; `undefined` before the first. Pure. */
export function campaignDue(
  { from, everyMs }: ReviewPolicy,
  now: Instant,
): { readonly number: number; readonly opensAt: Instant } | undefined {
  if (now < from) return undefined;
  const number = Math.floor((msOf(now) - msOf(from)) / everyMs);
  return { number, opensAt: plus(from, number * everyMs) };
}

/** What use of this role speaks for. */
export const recommend = (activations: number): "keep" | "remove" => (activations > 0 ? "keep" : "remove");

/**
 * What follows from the answers about one eligibility: removal beats shortening beats keeping, a break-glass account is
 * never removed, and without an answer the policy says. Nobody's answer about themselves counts. Pure.
 */
export function decideReview(
  answers: readonly { readonly person: PersonKey; readonly answer: ReviewAnswer }[],
  subject: { readonly person: PersonKey | ""; readonly isBreakGlass: boolean },
  noAnswer: ReviewPolicy["noAnswer"],
): ReviewOutcome {
  if (subject.isBreakGlass) return { verdict: "keep", by: null, why: "a break-glass account" };
  const others = answers.filter(({ person }) => person !== subject.person);
  for (const choice of ["remove", "shorten", "keep"] as const) {
    const found = others.find(({ answer }) => answer.choice === choice);
    if (found) return { verdict: choice, by: found.person, why: found.answer.reason };
  }
  return { verdict: noAnswer, by: null, why: "nobody answered" };
}
