import type { ChangeItem } from "../domain/change.ts";
import { digestOf } from "./digest.ts";

/** Digest of what a reviewer is shown of an item, and of whose use of the role is shown: the same while it is worked. */
export const aboutItem = (item: ChangeItem): string => {
  const { principalId, roleDefinitionId, directoryScopeId, role, holder, person, since } = item;
  return digestOf({ principalId, roleDefinitionId, directoryScopeId, role, holder, person, since: since ?? null });
};
