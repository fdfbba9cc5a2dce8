import type { ChangeApprover, ChangeItem } from "./change.ts";
import type { PersonKey, PrincipalId } from "./ids.ts";
import type { PeopleMap, Person } from "./people.ts";
import type { ApproverSource, ReviewPolicy } from "./policy.ts";
import type { Principal } from "./posture.ts";

type Reviewed = Pick<ChangeItem, "person" | "manager">;

export const asksManagers = ({ reviewers }: Pick<ReviewPolicy, "reviewers">): boolean =>
  reviewers.some(({ kind }) => kind === "manager");

/** Who answers where no manager does: the other reviewers, or without any who is asked at the escalation. */
export function sourcesOfOthers({ reviewers, escalation }: ReviewPolicy): readonly ApproverSource[] {
  const others = reviewers.filter(({ kind }) => kind !== "manager");
  return others.length > 0 ? others : (escalation?.to ?? []);
}

/** The account whose manager is asked for: people are found by the account that they work with every day. */
export const accountOfReviewed = (principalId: PrincipalId, people: PeopleMap): PrincipalId =>
  people.byAccount(principalId)?.dailyAccount ?? principalId;

/**
 * The manager who can be asked: enabled, of the tenant, a known person, and not the reviewed person under another
 * account. `undefined`: the others answer.
 */
export function managerWhoAnswers(
  person: ChangeItem["person"],
  manager: Principal | undefined,
  people: PeopleMap,
): PersonKey | undefined {
  if (manager?.enabled !== true || manager.guest === true) return undefined;
  const found = people.byAccount(manager.id);
  return found?.key === person ? undefined : found?.key;
}

/** Whether what this reviewer says about the item counts; nobody answers about themselves. */
export function mayAnswer({ person, answersFor }: ChangeApprover, item: Reviewed): boolean {
  if (item.person === person) return false;
  if (answersFor === undefined) return true;
  return item.manager === undefined ? answersFor !== "ownPeople" : answersFor !== "others" && item.manager === person;
}

/**
 * Who is asked, in slots from 1 on. Without managers every reviewer answers for everybody. With them each has a share,
 * and who stands in for all of them has a slot of its own, also as one of them.
 *
 * @param managers who answers for somebody; `undefined`: managers are not asked
 * @param hasOthers somebody has no manager who answers
 */
export function planReviewers(
  named: { readonly others: readonly Person[]; readonly backups: readonly Person[] },
  managers: readonly Person[] | undefined,
  hasOthers: boolean,
): readonly ChangeApprover[] {
  const others = managers && !hasOthers ? [] : named.others;
  const reviewers = [...new Set([...others, ...(managers ?? [])])];
  const backups = managers ? named.backups : named.backups.filter((one) => !reviewers.includes(one));
  return [...reviewers, ...backups].map((person, index): ChangeApprover => {
    const backup = index >= reviewers.length;
    const slot = { slot: index + 1, person: person.key, account: person.dailyAccount, backup };
    if (backup || !managers) return slot;
    const isManager = managers.includes(person);
    return { ...slot, answersFor: !others.includes(person) ? "ownPeople" : isManager ? "both" : "others" };
  });
}

/** Whether somebody was left without an answer: nobody signed, or a manager did not, or none of the others. */
export function isSilent(approvers: readonly ChangeApprover[], signed: ReadonlySet<number>): boolean {
  const asked = approvers.filter(({ backup }) => !backup);
  const hasSigned = ({ slot }: ChangeApprover): boolean => signed.has(slot);
  const managers = asked.filter(({ answersFor }) => answersFor === "ownPeople" || answersFor === "both");
  const others = asked.filter(({ answersFor }) => answersFor !== "ownPeople");
  return !managers.every(hasSigned) || (others.length > 0 && !others.some(hasSigned));
}
