import type { Approver, Requirement } from "./approval.ts";
import type { Account, Group } from "./directory.ts";
import type { PersonKey, PrincipalId } from "./ids.ts";
import type { PeopleMap, Person } from "./people.ts";
import type { ApproverSource, ManualApproval } from "./policy.ts";
import { refusal, type Refusal } from "./reasons.ts";

/** What the directory says about everybody the policy names. */
export interface ApproverFacts {
  readonly people: PeopleMap;
  readonly groups: ReadonlyMap<PrincipalId, Group>;
  readonly manager: PrincipalId | undefined;
  readonly accounts: ReadonlyMap<PrincipalId, Account>;
}

export interface ApproverPlan {
  readonly requirements: readonly Requirement[];
  readonly approvers: readonly Approver[];
}

/** Sources of one manual approval, each once. */
export const sourcesOf = (approval: ManualApproval): readonly ApproverSource[] => [
  ...approval.requirements.flatMap((requirement) => requirement.from),
  ...approval.backups,
];

/** A group counts only if nobody but privileged administrators can put people into it. */
const isGuarded = (group: Group): boolean => group.assignableToRole && !group.dynamic && !group.nested && !group.owned;

/** The accounts a source names now, without judging them. */
export function accountsOf(
  source: ApproverSource,
  facts: Pick<ApproverFacts, "groups" | "manager">,
): readonly PrincipalId[] {
  if (source.kind === "user") return [source.account];
  if (source.kind === "manager") return facts.manager ? [facts.manager] : [];
  const group = facts.groups.get(source.group);
  return group && isGuarded(group) ? group.members : [];
}

/**
 * Who may approve for this requester, by person: never the requester under any account, only enabled members of the
 * home tenant whose account belongs to a known person. Refused when a requirement cannot be met by enough persons.
 */
export function planApprovers(
  approval: ManualApproval,
  requester: PersonKey,
  facts: ApproverFacts,
): ApproverPlan | { readonly refusal: Refusal } {
  const personsOf = (sources: readonly ApproverSource[]): ReadonlyMap<PersonKey, PrincipalId> => {
    const found = new Map<PersonKey, PrincipalId>();
    for (const account of sources.flatMap((source) => accountsOf(source, facts))) {
      const person = approverBehind(account, facts);
      if (person && person.key !== requester && !found.has(person.key)) found.set(person.key, account);
    }
    return found;
  };
  const backups = personsOf(approval.backups);
  const asked = new Map<PersonKey, PrincipalId>();
  const requirements: Requirement[] = [];
  for (const { name, count, from } of approval.requirements) {
    const persons = personsOf(from);
    if (new Set([...persons.keys(), ...backups.keys()]).size < count) return { refusal: refusal("NoApprover", name) };
    for (const [person, account] of persons) if (!asked.has(person)) asked.set(person, account);
    requirements.push({ name, count, persons: [...persons.keys()] });
  }
  const late = [...backups].filter(([person]) => !asked.has(person));
  const approvers = [...asked, ...late].map(([person, account], index) => ({
    slot: index + 1,
    person,
    account,
    backup: index >= asked.size,
  }));
  return { requirements, approvers };
}

function approverBehind(account: PrincipalId, facts: ApproverFacts): Person | undefined {
  const known = facts.accounts.get(account);
  return known?.enabled === true && known.userType === "Member" ? facts.people.byAccount(account) : undefined;
}
