import { accountsOf, type ApproverFacts } from "../../shared/domain/approver-plan.ts";
import type { Group } from "../../shared/domain/directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ApproverSource } from "../../shared/domain/policy.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";

/** Whether the sources name the person by any account, as the directory has it now; unguarded groups name nobody. */
export async function sourcesInclude(
  { directory }: { readonly directory: Pick<RoleDirectory, "group"> },
  sources: readonly ApproverSource[],
  person: Person,
): Promise<boolean> {
  const ids = sources.flatMap((source) => (source.kind === "group" ? [source.group] : []));
  const found = await Promise.all(ids.map((id) => directory.group(id)));
  const groups: ReadonlyMap<PrincipalId, Group> = new Map(found.flatMap((group) => (group ? [[group.id, group]] : [])));
  const facts: Pick<ApproverFacts, "groups" | "manager"> = { groups, manager: undefined };
  const accounts = [person.dailyAccount, ...person.adminAccounts];
  return sources.some((source) => accountsOf(source, facts).some((account) => accounts.includes(account)));
}
