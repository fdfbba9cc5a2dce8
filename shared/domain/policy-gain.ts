import type { PersonKey, RoleDefinitionId } from "./ids.ts";
import type { ApproverSource } from "./policy.ts";

/** Who has more under a changed policy; `named`: something that is no person, by its name. */
export type Gainer =
  | ApproverSource
  | { readonly kind: "eligible"; readonly roleDefinitionId: RoleDefinitionId }
  | { readonly kind: "person"; readonly name: string; readonly person: PersonKey }
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "everybody" };

export interface PolicyGain {
  readonly who: Gainer;
  readonly what: string;
}

/** How a line for people begins that says who gains what. */
export const GAINS = "Gains: ";
export const EVERYBODY: Gainer = { kind: "everybody" };

/** Sources that were not there before. */
export function addedSources(
  was: readonly ApproverSource[] | undefined,
  is: readonly ApproverSource[],
): readonly ApproverSource[] {
  const known = new Set(was?.map(nameOf));
  return is.filter((source) => !known.has(nameOf(source)));
}

function nameOf(source: ApproverSource): string {
  if (source.kind === "manager") return source.kind;
  return `${source.kind} ${source.kind === "user" ? source.account : source.group}`;
}
