import type { PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { StatedPolicy } from "../../shared/domain/policy-change.ts";
import { GAINS, type Gainer, type PolicyGain } from "../../shared/domain/policy-gain.ts";
import { peopleMap } from "../../shared/domain/people.ts";
import type { PostureDirectory } from "../../shared/ports/posture-directory.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";

interface Reader {
  readonly posture: Pick<PostureDirectory, "visitEligible">;
  readonly directory: Pick<RoleDirectory, "group">;
}

const MOST_NAMED = 8;

/** Who gains what, with names, as the directory has them now: a line for each gain. @throws DependencyError */
export async function gainWords(
  { posture, directory }: Reader,
  gains: readonly PolicyGain[],
  { persons }: StatedPolicy,
): Promise<readonly string[]> {
  const people = peopleMap(persons);
  const nameOf = (id: PrincipalId, otherwise: string = id): string => people.byAccount(id)?.name ?? otherwise;
  const eligible = await eligibleFor(posture, gains, nameOf);
  const groups = new Map<PrincipalId, string>();
  for (const { who } of gains)
    if (who.kind === "group" && !groups.has(who.group)) {
      const members = (await directory.group(who.group))?.members;
      groups.set(who.group, members ? listed(members.map((id) => nameOf(id))) : "which is not there");
    }
  const textOf = (who: Gainer): string => {
    switch (who.kind) {
      case "eligible":
        return `everybody who is eligible (${listed([...(eligible.get(who.roleDefinitionId) ?? [])])})`;
      case "group":
        return `members of the group ${who.group} (${groups.get(who.group) ?? ""})`;
      case "user":
        return nameOf(who.account, `the account ${who.account}`);
      case "person":
      case "named":
        return who.name;
      case "manager":
        return "the requester's manager";
      case "everybody":
        return "everybody";
    }
  };
  return gains.map(({ who, what }) => `${GAINS}${textOf(who)}: ${what}`);
}

/** Names of those who are eligible for the roles that are spoken of, in one pass. */
async function eligibleFor(
  posture: Reader["posture"],
  gains: readonly PolicyGain[],
  nameOf: (id: PrincipalId, otherwise?: string) => string,
): Promise<ReadonlyMap<RoleDefinitionId, ReadonlySet<string>>> {
  const found = new Map<RoleDefinitionId, Set<string>>();
  for (const { who } of gains) if (who.kind === "eligible") found.set(who.roleDefinitionId, new Set());
  if (found.size === 0) return found;
  await posture.visitEligible((rows, holders) => {
    const names = new Map(holders.map(({ id, name, kind }) => [id, kind === "group" ? `the group ${name}` : name]));
    for (const { roleDefinitionId, principalId } of rows)
      found.get(roleDefinitionId)?.add(nameOf(principalId, names.get(principalId)));
  });
  return found;
}

const listed = (names: readonly string[]): string => {
  if (names.length === 0) return "nobody now";
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
};
