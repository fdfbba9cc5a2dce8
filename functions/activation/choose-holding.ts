import { admit } from "../../shared/domain/admission.ts";
import type { Assignment } from "../../shared/domain/directory.ts";
import { parseDirectoryScopeId, type PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { RolePolicy } from "../../shared/domain/policy.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import type { Worker } from "../worker.ts";

/** What a door was asked for: person and role are known, account and scope may be left to what is eligible. */
export interface Wanted {
  readonly person: Person;
  readonly role: RolePolicy;
  readonly account: PrincipalId | undefined;
  readonly scope: string | undefined;
}

/** Finds the one eligibility that is meant. @throws DependencyError when the directory cannot be read */
export async function chooseHolding(
  { directory }: { readonly directory: Pick<Worker["directory"], "eligibilities"> },
  { person, role, account, scope }: Wanted,
): Promise<{ readonly holding: Pick<Assignment, "principalId" | "directoryScopeId"> } | { readonly refusal: Refusal }> {
  const wantedScope = scope === undefined ? undefined : parseDirectoryScopeId(scope);
  if (scope !== undefined && wantedScope === undefined) return { refusal: refusal("NotEligible", "scope") };
  if (account !== undefined && !person.adminAccounts.includes(account))
    return { refusal: refusal("NotEligible", "account") };
  const all = await Promise.all(person.adminAccounts.map((admin) => directory.eligibilities(admin)));
  const eligible = all.flat().filter((one) => one.roleDefinitionId === role.roleDefinitionId);
  return admit(eligible, role.scopes, { account, scope: wantedScope });
}
