import type { RoleRule } from "./baseline.ts";
import type { ChangeItem, ItemProgress } from "./change.ts";
import type { PrincipalId } from "./ids.ts";
import { isDirect, isStanding, type DirectoryPosture, type Principal } from "./posture.ts";
import { tripleText } from "./standing-plan.ts";

/** What of a wave is put back, and what is left as it is although the wave changed it, with the reason. */
export interface WayBack {
  readonly items: readonly ChangeItem[];
  /** Those of the items that stand permanently again; the others only lose the eligibility that was made beside them. */
  readonly again: readonly ChangeItem[];
  readonly leftOut: readonly string[];
}

/** What conversions of a wave did to one assignment since it was last put back. */
interface Trace {
  readonly item: ChangeItem;
  /** The removal was sent; whether it happened is the directory's to say. */
  readonly took: boolean;
  readonly made: boolean;
  /** Somebody saw that the person was eligible and held nothing. */
  readonly finished: boolean;
}

/**
 * What a wave changed and what still differs from before it, also where it stopped in the middle. What somebody decided
 * since is not undone with it: who lost the eligibility, or the account, gets no standing access back. Pure.
 * @param changes items of the wave's conversions and ways back, the newest change first
 * @param users what the directory knows of the accounts
 */
export function wayBack(
  changes: readonly (readonly ItemProgress[])[],
  { active, eligible }: Pick<DirectoryPosture, "active" | "eligible">,
  users: ReadonlyMap<PrincipalId, Principal>,
): WayBack {
  const standing = new Set(active.filter((row) => isStanding(row) && isDirect(row)).map(tripleText));
  const maybe = new Set(eligible.filter(isDirect).map(tripleText));
  const held = new Set(active.filter((row) => !isStanding(row) && isDirect(row)).map(tripleText));
  const only: ChangeItem[] = [];
  const again: ChangeItem[] = [];
  const leftOut: string[] = [];
  for (const { item, took, made, finished } of tracesOf(changes)) {
    const [stands, isEligible] = [standing.has(tripleText(item)), maybe.has(tripleText(item))];
    const back = {
      ...item,
      action: "restore" as const,
      madeEligible: made,
      ...(took ? {} : { untaken: true as const }),
    };
    if (stands && made && isEligible) only.push(back);
    if (stands || !took) continue;
    if (users.get(item.principalId)?.enabled !== true) leftOut.push(`${nameOf(item)}: the account is disabled or gone`);
    else if (made && finished && !isEligible)
      leftOut.push(`${nameOf(item)}: the eligibility that the wave made was taken away since`);
    else again.push(back);
  }
  // Who holds the role until an end cannot be given it without one before, and the change stops there: last.
  const isHeld = (item: ChangeItem): number => Number(held.has(tripleText(item)));
  again.sort((a, b) => isHeld(a) - isHeld(b));
  return { items: [...only, ...again], again, leftOut };
}

function tracesOf(changes: readonly (readonly ItemProgress[])[]): readonly Trace[] {
  const found = new Map<string, Trace>();
  const putBack = new Set<string>();
  for (const { item, makes, takes, madeEligible, finished } of changes.flat()) {
    const key = tripleText(item);
    if (item.action === "restore" && finished) putBack.add(key);
    if (item.action !== "convert" || putBack.has(key) || makes + takes === 0) continue;
    const later = found.get(key);
    found.set(key, {
      item: later?.item ?? item,
      took: takes > 0 || later?.took === true,
      made: madeEligible || later?.made === true,
      finished: finished || later?.finished === true,
    });
  }
  return [...found.values()];
}

const nameOf = ({ role, holder, directoryScopeId }: ChangeItem): string =>
  `${role} of ${holder} at ${directoryScopeId}`;

/** Rules of a role's settings for which the directory gives nobody standing access, or asks for what no system can give. */
export const rulesAgainstStanding = (rules: readonly RoleRule[]): readonly string[] =>
  rules
    .filter(
      (rule) =>
        (rule.id === "Expiration_Admin_Assignment" && rule["isExpirationRequired"] === true) ||
        (rule.id === "Enablement_Admin_Assignment" && asksForMfa(rule["enabledRules"])),
    )
    .map(({ id }) => id);

const asksForMfa = (enabled: unknown): boolean =>
  Array.isArray(enabled) && enabled.includes("MultiFactorAuthentication");
