import type { Assignment } from "./directory.ts";
import { refusal, type Refusal } from "./reasons.ts";
import { tripleText, type PlanItem } from "./standing-plan.ts";
import { DAY_MS } from "./time.ts";

/** What of a plan is compared. */
export interface PlannedItem extends Assignment {
  readonly role: string;
  readonly holder: string;
  /** How long an eligibility that is made lasts, in milliseconds. */
  readonly eligibleForMs: number;
}

interface FreshPlan {
  readonly items: readonly PlanItem[];
  readonly preflight: readonly { readonly ok: boolean; readonly text: string }[];
}

/** Differences named in a refusal; there may be more. */
const MOST_NAMED = 10;

/**
 * Whether one wave may be worked as planned: everything that must hold does, earlier waves are done, and the directory
 * still shows exactly what was planned, but for what was converted since. Pure.
 * @param fresh the plan of this moment
 * @param isEligible whether the directory shows an eligibility for exactly this principal, role and scope
 */
export function judgeWave(
  wave: number,
  planned: readonly PlannedItem[],
  fresh: FreshPlan,
  isEligible: (assignment: Assignment) => boolean,
): Refusal | undefined {
  const failed = fresh.preflight.filter(({ ok }) => !ok).map(({ text }) => text);
  if (failed.length > 0) return refusal("PreflightFailed", failed.join(" "));
  const earlier = fresh.items.filter((item) => item.action === "convert" && item.wave < wave);
  if (earlier.length > 0)
    return refusal("WaveOutOfOrder", `wave ${earlier[0]?.wave ?? 0}: ${earlier.length} assignments stand`);
  const differences = differencesOf(wave, planned, fresh.items, isEligible);
  if (differences.length > 0) return refusal("PlanOutdated", listed(differences));
  return planned.length === 0 ? refusal("NothingToDo") : undefined;
}

function differencesOf(
  wave: number,
  planned: readonly PlannedItem[],
  fresh: readonly PlanItem[],
  isEligible: (assignment: Assignment) => boolean,
): readonly string[] {
  const standing = new Map(fresh.map((item) => [tripleText(item), item]));
  const known = new Set(planned.map(tripleText));
  const gone = planned.flatMap((item) => {
    const now = standing.get(tripleText(item));
    const name = `${item.role} of ${item.holder}`;
    if (!now) return isEligible(item) ? [] : [`${name} does not stand any more`];
    if (now.action !== "convert") return [`${name} is not to be converted now (${now.reason})`];
    if (now.wave !== wave) return [`${name} belongs to wave ${now.wave}`];
    return now.eligibleForMs === item.eligibleForMs
      ? []
      : [`${name} would be eligible for ${daysText(now)}, not for ${daysText(item)}`];
  });
  const added = fresh
    .filter((item) => item.action === "convert" && item.wave === wave && !known.has(tripleText(item)))
    .map((item) => `${item.role} of ${item.holder} stands and is not in the plan`);
  return [...gone, ...added];
}

const daysText = ({ eligibleForMs }: PlannedItem): string => `${Math.floor(eligibleForMs / DAY_MS)} days`;

/** So many in words as a person reads. */
export const listed = (differences: readonly string[]): string => {
  const more = differences.length - MOST_NAMED;
  return differences.slice(0, MOST_NAMED).join("; ") + (more > 0 ? `; and ${more} more` : "");
};
