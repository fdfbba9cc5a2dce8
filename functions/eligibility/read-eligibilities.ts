import type { EligibilityView } from "../../shared/contracts/change.ts";
import type { Eligibility } from "../../shared/domain/directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { Door } from "../door.ts";

/** Who may activate what, with names. Changes nothing. @throws DependencyError */
export async function readEligibilities({
  posture,
  policies,
}: Pick<Door, "posture" | "policies">): Promise<readonly EligibilityView[]> {
  const rows: Eligibility[] = [];
  const names = new Map<PrincipalId, string>();
  await posture.visitEligible((page, holders) => {
    rows.push(...page);
    for (const { id, name } of holders) names.set(id, name);
  });
  const roles = new Map((await posture.roleDefinitions()).map(({ id, name }) => [id, name]));
  const { people } = policies;
  return rows.map((row) => ({
    role: roles.get(row.roleDefinitionId) ?? row.roleDefinitionId,
    roleDefinitionId: row.roleDefinitionId,
    holder: people.byAccount(row.principalId)?.name ?? names.get(row.principalId) ?? row.principalId,
    person: people.byAccount(row.principalId)?.key ?? "",
    principalId: row.principalId,
    directoryScopeId: row.directoryScopeId,
    memberType: row.memberType,
    until: row.endsAt ?? null,
  }));
}
