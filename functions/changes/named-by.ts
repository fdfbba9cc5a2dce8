import { accountsOf } from "../../shared/domain/approver-plan.ts";
import type { Group } from "../../shared/domain/directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ApproverSource } from "../../shared/domain/policy.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";

/** Whether the sources name the person by any account, as the directory has it now; unguarded groups name nobody. */
export async function sourcesInclude(
  { directory }: { readonly directory: Pick<RoleDirectory, "group"> },
  sources: readonly ApproverSource[],
  person: Person,
): Promise<boolean> {
  const facts = { groups: await groupsOf(directory, sources), manager: undefined };
  const accounts = [person.dailyAccount, ...person.adminAccounts];
  return sources.some((source) => accountsOf(source, facts).some((account) => accounts.includes(account)));
}

/** The persons whom the sources name, each once. */
export async function personsNamedBy(
  { directory, policies }: { readonly directory: Pick<RoleDirectory, "group">; readonly policies: PolicyStore },
  sources: readonly ApproverSource[],
): Promise<readonly Person[]> {
  const facts = { groups: await groupsOf(directory, sources), manager: undefined };
  const accounts = sources.flatMap((source) => accountsOf(source, facts));
  return [...new Set(accounts.flatMap((account) => policies.people.byAccount(account) ?? []))];
}

async function groupsOf(
  directory: Pick<RoleDirectory, "group">,
  sources: readonly ApproverSource[],
): Promise<ReadonlyMap<PrincipalId, Group>> {
  const ids = sources.flatMap((source) => (source.kind === "group" ? [source.group] : []));
  const found = await Promise.all(ids.map((id) => directory.group(id)));
  return new Map(found.flatMap((group) => (group ? [[group.id, group] as const] : [])));
}
