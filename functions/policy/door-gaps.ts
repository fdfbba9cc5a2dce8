import { doorGaps, type DoorGap } from "../../shared/domain/native-door.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";

interface Reader {
  readonly policies: PolicyStore;
  readonly directory: Pick<RoleDirectory, "group">;
}

/** What is wrong with the group that guards the native door; nothing where the policy names none. @throws DependencyError */
export async function readDoorGaps({ policies, directory }: Reader): Promise<readonly DoorGap[]> {
  const { policy, people } = policies;
  const id = policy.governance?.nativeDoorGroup;
  if (id === undefined) return [];
  const nameOf = (account: typeof id): string => people.byAccount(account)?.name ?? account;
  return doorGaps(id, await directory.group(id), policy.breakGlassAccounts, nameOf);
}
