import type { Person } from "../../shared/domain/people.ts";
import type { ApproverSource } from "../../shared/domain/policy.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import { personsNamedBy } from "../changes/named-by.ts";

/** The persons whom the sources name and who can sign in: by an enabled account of theirs that is of the tenant. @throws DependencyError */
export async function ableReviewers(
  worker: Pick<ChangeWorker, "directory" | "policies">,
  sources: readonly ApproverSource[],
): Promise<readonly Person[]> {
  const able: Person[] = [];
  for (const person of await personsNamedBy(worker, sources)) if (await canSignIn(worker, person)) able.push(person);
  return able;
}

async function canSignIn(
  { directory }: Pick<ChangeWorker, "directory">,
  { dailyAccount, adminAccounts }: Person,
): Promise<boolean> {
  for (const id of [dailyAccount, ...adminAccounts]) {
    const account = await directory.account(id);
    if (account?.enabled === true && account.userType === "Member") return true;
  }
  return false;
}
