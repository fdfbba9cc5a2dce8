import type { z } from "zod";
import type { eligibilityBody } from "../../shared/contracts/change.ts";
import type { ChangeItem } from "../../shared/domain/change.ts";
import { parseDirectoryScopeId, parsePrincipalId, parseRoleDefinitionId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { parseDuration } from "../../shared/domain/time.ts";
import { sourcesInclude } from "../changes/named-by.ts";
import type { Door } from "../door.ts";
import { isIdentityTeam } from "../http/person.ts";

/** Whether the person may ask for changes of eligibility: an owner whom the policy names, or the identity team. */
export async function mayAskForEligibility(door: Door, person: Person): Promise<boolean> {
  const { governance } = door.policies.policy;
  if (!governance) return false;
  return (await isIdentityTeam(door, person)) || (await sourcesInclude(door, governance.owners, person));
}

/** What the body names, as ids; whether it may be done is the worker's to say. */
export function askedItem({ policies }: Door, body: z.output<typeof eligibilityBody>): ChangeItem | Refusal {
  const { policy, people } = policies;
  const account = parsePrincipalId(body.holder);
  const person = account ? people.byAccount(account) : people.byKey(body.holder);
  const principalId = account ?? (person?.adminAccounts.length === 1 ? person.adminAccounts[0] : undefined);
  if (!principalId)
    return refusal(
      "PersonUnknown",
      person ? "the person has several admin accounts: name one by its object id" : body.holder,
    );
  const id = parseRoleDefinitionId(body.role);
  const role = policy.roles.find(
    ({ name, roleDefinitionId }) => roleDefinitionId === id || name.toLowerCase() === body.role.toLowerCase(),
  );
  if (!role) return refusal("RoleNotAllowed", body.role);
  const directoryScopeId = parseDirectoryScopeId(body.scope);
  if (!directoryScopeId) return refusal("RoleNotAllowed", body.scope);
  return {
    action: "grant",
    principalId,
    roleDefinitionId: role.roleDefinitionId,
    directoryScopeId,
    role: role.name,
    holder: person?.name ?? principalId,
    person: person?.key ?? "",
    eligibleForMs: parseDuration(body.duration ?? "") ?? 0,
    madeEligible: false,
  };
}
