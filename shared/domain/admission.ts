import type { DirectoryScopeId, PrincipalId } from "./ids.ts";
import { refusal, type Refusal } from "./reasons.ts";

interface Holding {
  readonly principalId: PrincipalId;
  readonly directoryScopeId: DirectoryScopeId;
}

/** What the person named; what is left out must be the only possibility. */
export interface Wish {
  readonly account: PrincipalId | undefined;
  readonly scope: DirectoryScopeId | undefined;
}

/** Which account gets the role at which scope: exactly one eligibility must fit the wish, character for character. */
export function admit(
  eligible: readonly Holding[],
  allowedScopes: readonly DirectoryScopeId[] | undefined,
  wish: Wish,
): { readonly holding: Holding } | { readonly refusal: Refusal } {
  const fitting = eligible.filter(
    (one) =>
      (wish.account === undefined || one.principalId === wish.account) &&
      (wish.scope === undefined || one.directoryScopeId === wish.scope) &&
      (allowedScopes === undefined || allowedScopes.includes(one.directoryScopeId)),
  );
  const [only, ...others] = fitting;
  if (!only) return { refusal: refusal("NotEligible") };
  if (others.length === 0) return { holding: only };
  const choices = fitting.map((one) => `${one.directoryScopeId} as ${one.principalId}`).join(", ");
  return { refusal: refusal("ScopeAmbiguous", choices) };
}
