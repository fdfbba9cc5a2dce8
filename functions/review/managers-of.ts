import type { Eligibility } from "../../shared/domain/directory.ts";
import type { PersonKey, PrincipalId } from "../../shared/domain/ids.ts";
import { accountOfReviewed, managerWhoAnswers } from "../../shared/domain/reviewers.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";

/**
 * The managers who answer for the holders of these rows, by holder: a few requests for a page of rows. Who has none who
 * can be asked is left out. Changes nothing. @throws DependencyError
 */
export async function managersOf(
  { posture, policies: { people } }: Pick<ChangeWorker, "posture" | "policies">,
  rows: readonly Pick<Eligibility, "principalId">[],
): Promise<ReadonlyMap<PrincipalId, PersonKey>> {
  const holders = [...new Set(rows.map(({ principalId }) => principalId))];
  const managers = await posture.managers(holders.map((id) => accountOfReviewed(id, people)));
  const accounts = new Map((await posture.users([...new Set(managers.values())])).map((user) => [user.id, user]));
  return new Map(
    holders.flatMap((id) => {
      const manager = managers.get(accountOfReviewed(id, people));
      const key = managerWhoAnswers(people.byAccount(id)?.key ?? "", manager && accounts.get(manager), people);
      return key === undefined ? [] : [[id, key] as const];
    }),
  );
}
