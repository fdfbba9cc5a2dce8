import { sourcesOf, accountsOf, type ApproverFacts } from "../../shared/domain/approver-plan.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ManualApproval } from "../../shared/domain/policy.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";

/** Where it stands who may approve. */
export interface ApproverReader {
  readonly directory: Pick<RoleDirectory, "account" | "group" | "manager">;
  readonly policies: Pick<PolicyStore, "people">;
}

/** Reads everything the directory says about the approvers that the policy names for this requester. May be repeated. */
export async function readApproverFacts(
  { directory, policies }: ApproverReader,
  approval: ManualApproval,
  requester: Person,
): Promise<ApproverFacts> {
  const sources = sourcesOf(approval);
  const groupIds = [...new Set(sources.flatMap((source) => (source.kind === "group" ? [source.group] : [])))];
  const wantsManager = sources.some((source) => source.kind === "manager");
  const [groupList, manager] = await Promise.all([
    Promise.all(groupIds.map((id) => directory.group(id))),
    wantsManager ? directory.manager(requester.dailyAccount) : undefined,
  ]);
  const groups = new Map(groupList.flatMap((group) => (group ? [[group.id, group] as const] : [])));
  const accountIds = [...new Set<PrincipalId>(sources.flatMap((source) => accountsOf(source, { groups, manager })))];
  const accountList = await Promise.all(accountIds.map((id) => directory.account(id)));
  const accounts = new Map(accountList.flatMap((account) => (account ? [[account.id, account] as const] : [])));
  return { people: policies.people, groups, manager, accounts };
}
