import type { PrincipalId } from "./ids.ts";

/** A Conditional Access policy, as far as it speaks of authentication contexts. */
export interface ContextPolicy {
  readonly name: string;
  /** `enabled`, `disabled` or `enabledForReportingButNotEnforced`, as the directory spells it. */
  readonly state: string;
  readonly contexts: readonly string[];
  /** Object ids, and words such as `All`. */
  readonly includes: { readonly users: readonly string[]; readonly groups: readonly string[] };
  readonly excludes: { readonly users: readonly string[]; readonly groups: readonly string[] };
  /** Conditions by which it leaves out some sign-ins of those whom it includes. */
  readonly narrowedBy: readonly string[];
  /** Combinations of methods that its strength allows; empty: it demands none. */
  readonly combinations: readonly string[];
  /** Something else is enough instead of the strength. */
  readonly hasAlternative: boolean;
  /** Everybody signs in afresh each time the context is asked for. */
  readonly everyTime: boolean;
}

/** `notAllowed`: our identity may not read them, so nothing is known. */
export type ContextPolicies =
  { readonly kind: "read"; readonly policies: readonly ContextPolicy[] } | { readonly kind: "notAllowed" };

/** Why a step-up proves less than it should; the id is the same until it is gone. */
export interface ContextGap {
  readonly id: string;
  readonly text: string;
}

interface Tenant {
  /** The contexts that the policy asks for at step-up and decision. */
  readonly contexts: readonly string[];
  /** Everybody who may ask, approve or review, by account. */
  readonly accounts: readonly { readonly id: PrincipalId; readonly name: string }[];
  /** Members of the groups that the policies name. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
}

/** @see https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths */
const PHISHING_RESISTANT = ["fido2", "windowshelloforbusiness", "x509certificatemultifactor"];
const MOST_NAMED = 5;

/**
 * Where the policies behind our authentication contexts do not reach: one must be on, cover every account at every
 * sign-in, demand a phishing-resistant strength and a fresh sign-in. All that apply count together. Pure.
 */
export function contextGaps(policies: readonly ContextPolicy[], tenant: Tenant): readonly ContextGap[] {
  return tenant.contexts.flatMap((context) => {
    const naming = policies.filter(({ contexts }) => contexts.includes(context));
    const on = naming.filter(({ state }) => state.toLowerCase() === "enabled");
    if (on.length === 0) return [gap(context, "none", noPolicy(naming))];
    const whole = on.filter(({ narrowedBy }) => narrowedBy.length === 0);
    const applying = tenant.accounts.map((account) => ({
      account,
      by: whole.filter((policy) => covers(policy, account.id, tenant.members)),
    }));
    const covered = applying.filter(({ by }) => by.length > 0);
    const without = (some: typeof applying, what: string, text: string): readonly ContextGap[] =>
      some.length === 0 ? [] : [gap(context, what, `${text}: ${named(some.map(({ account }) => account.name))}`)];
    return [
      ...without(
        applying.filter(({ by }) => by.length === 0),
        "uncovered",
        `no policy that is on applies to every sign-in${narrowing(on)} of`,
      ),
      ...without(
        covered.filter(({ by }) => !by.some(isPhishingResistant)),
        "strength",
        "no phishing-resistant strength is demanded of",
      ),
      ...without(
        covered.filter(({ by }) => !by.some(({ everyTime }) => everyTime)),
        "freshness",
        "no fresh sign-in every time is demanded of",
      ),
    ];
  });
}

const gap = (context: string, what: string, text: string): ContextGap => ({
  id: `context ${context} ${what}`,
  text: `Conditional Access behind the authentication context ${context}: ${text}.`,
});

const noPolicy = (naming: readonly ContextPolicy[]): string =>
  naming.length === 0
    ? "no policy names it, so that a step-up proves nothing"
    : `no policy that names it is on (${naming
        .map(({ name, state }) => `${name}: ${state}`)
        .toSorted()
        .join(", ")})`;

const narrowing = (on: readonly ContextPolicy[]): string => {
  const by = [...new Set(on.flatMap(({ narrowedBy }) => narrowedBy))].toSorted();
  return by.length === 0 ? "" : ` (limited by ${by.join(", ")})`;
};

const named = (names: readonly string[]): string =>
  names.length > MOST_NAMED ? `${names.slice(0, MOST_NAMED).join(", ")} and ${names.length - MOST_NAMED} more` : names.join(", "); // prettier-ignore

/** A role that is included means those who hold it, which nobody does before it is granted. */
function covers({ includes, excludes }: ContextPolicy, account: PrincipalId, members: Tenant["members"]): boolean {
  const isOf = ({ users, groups }: ContextPolicy["includes"]): boolean =>
    users.some((one) => one.toLowerCase() === "all" || one.toLowerCase() === account) ||
    groups.some((group) => members.get(group)?.has(account) === true);
  return isOf(includes) && !isOf(excludes);
}

const isPhishingResistant = ({ combinations, hasAlternative }: ContextPolicy): boolean =>
  !hasAlternative &&
  combinations.length > 0 &&
  combinations.every((one) => PHISHING_RESISTANT.includes(one.toLowerCase()));
