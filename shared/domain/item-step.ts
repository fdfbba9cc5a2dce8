import type { ItemProgress } from "./change.ts";
import type { ActiveAssignment } from "./directory.ts";
import { isStanding } from "./posture.ts";
import { GLOBAL_ADMINISTRATOR } from "./privileged-roles.ts";
import { FEWEST_GLOBAL_ADMINISTRATORS } from "./standing-plan.ts";
import { MINUTE_MS, msOf, plus, type Instant } from "./time.ts";

/** PIM changes no active row younger than this. */
const YOUNG_MS = 5 * MINUTE_MS;
/** A write that is not seen after so many tries is a surprise. */
const MOST_TRIES = 8;

/** What the directory shows of one item right now. */
export interface ItemFacts {
  /** The principal's own active row at exactly this role and scope. */
  readonly active: ActiveAssignment | undefined;
  /** The principal's own eligibility; its end, `null` = none. */
  readonly eligible: { readonly endsAt: Instant | null } | undefined;
  /** Other enabled accounts with standing Global Administrator at the tenant. */
  readonly otherGlobalAdministrators: number;
}

/** What is sent to the directory; `make…` and `extend…` give, `end…` and `shorten…` take. */
export type ItemWrite =
  | "makeEligible"
  | "extendEligibility"
  | "shortenEligibility"
  | "endEligibility"
  | "assign"
  | "endStanding"
  | "endActivation";

export const takesAway = (write: ItemWrite): boolean => write.startsWith("end") || write === "shortenEligibility";

export type ItemStep =
  | { readonly do: "finish" }
  | { readonly do: ItemWrite }
  | { readonly do: "wait"; readonly until: Instant }
  | { readonly do: "stop"; readonly because: string };

/**
 * What is done next about one item. The directory alone decides how far it is: standing access is taken away only in
 * sight of the eligibility, and never where fewer than two others would keep standing Global Administrator. Pure.
 */
export function nextItemStep(progress: ItemProgress, facts: ItemFacts, now: Instant): ItemStep {
  const step = wantedStep(progress, facts, now);
  if (step.do === "finish" || step.do === "wait" || step.do === "stop") return step;
  const tries = takesAway(step.do) ? progress.takes : progress.makes;
  return progress.again === true || tries < MOST_TRIES
    ? step
    : stop(`${step.do} was sent ${MOST_TRIES} times and is not seen`);
}

function wantedStep(
  progress: ItemProgress,
  { active, eligible, otherGlobalAdministrators }: ItemFacts,
  now: Instant,
): ItemStep {
  const { item } = progress;
  const standing = active && isStanding(active) ? active : undefined;
  switch (item.action) {
    case "convert":
      if (!standing) return afterStanding(progress, eligible !== undefined);
      if (!eligible) return { do: "makeEligible" };
      if (isGlobal(item) && otherGlobalAdministrators < FEWEST_GLOBAL_ADMINISTRATORS)
        return stop("fewer than two enabled accounts would keep standing Global Administrator");
      return whenOldEnough(standing, now, "endStanding");
    case "restore":
      if (!standing && item.untaken === true) return { do: "finish" };
      if (!standing)
        return active
          ? stop(`the role is held until ${active.endsAt ?? "an end"}: ask again when it has ended`)
          : { do: "assign" };
      return eligible && item.madeEligible ? { do: "endEligibility" } : { do: "finish" };
    case "grant":
      return eligible ? { do: "finish" } : { do: "makeEligible" };
    case "extend":
      if (!eligible) return progress.makes > 0 ? { do: "makeEligible" } : stop("there is no eligibility to renew");
      return isLongEnough(progress, eligible.endsAt) ? { do: "finish" } : { do: "extendEligibility" };
    case "shorten":
      if (!eligible) return { do: "finish" };
      return isShortEnough(progress, eligible.endsAt) ? { do: "finish" } : { do: "shortenEligibility" };
    case "keep":
      return { do: "finish" };
    case "setRule":
      return stop("a rule is no assignment");
    case "review":
      return stop("nobody said yet what becomes of it");
    case "revoke":
      if (active && !standing) return whenOldEnough(active, now, "endActivation");
      return eligible ? { do: "endEligibility" } : { do: "finish" };
  }
}

/** Nothing stands: done, unless the removal took the eligibility along, which it was seen to do. */
function afterStanding({ takes }: ItemProgress, isEligible: boolean): ItemStep {
  if (isEligible) return { do: "finish" };
  return takes > 0 ? { do: "makeEligible" } : stop("nothing stands any more, and the person is not eligible");
}

const isGlobal = ({ roleDefinitionId, directoryScopeId }: ItemProgress["item"]): boolean =>
  roleDefinitionId === GLOBAL_ADMINISTRATOR && directoryScopeId === "/";

function whenOldEnough(row: ActiveAssignment, now: Instant, step: "endStanding" | "endActivation"): ItemStep {
  const from = row.startsAt === undefined ? now : plus(row.startsAt, YOUNG_MS);
  return now < from ? { do: "wait", until: from } : { do: step };
}

/** Renewed is what has an end, as far as was asked; the directory counts in whole seconds. */
const isLongEnough = ({ item }: ItemProgress, endsAt: Instant | null): boolean =>
  endsAt !== null && item.until !== undefined && msOf(endsAt) >= msOf(item.until) - MINUTE_MS;

const isShortEnough = ({ item }: ItemProgress, endsAt: Instant | null): boolean =>
  endsAt !== null && item.until !== undefined && msOf(endsAt) <= msOf(item.until) + MINUTE_MS;

const stop = (because: string): ItemStep => ({ do: "stop", because });
