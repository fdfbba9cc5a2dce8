import { graphGroupEligibility, graphObject } from "../../contracts/graph.ts";
import type { PrincipalId } from "../../domain/ids.ts";
import type { GroupEligible } from "../../domain/posture.ts";
import { isForbidden, type Graph } from "./graph-client.ts";
import { forEachOf, principalOf } from "./principals.ts";

/**
 * Who can activate membership or ownership of a group; of a group among them, its members. `undefined`: that may not be
 * read. @throws DependencyError
 * @see https://learn.microsoft.com/graph/api/privilegedaccessgroup-list-eligibilityscheduleinstances
 */
export async function readGroupEligibilities(
  graph: Graph,
  id: PrincipalId,
): Promise<readonly GroupEligible[] | undefined> {
  const filter = encodeURIComponent(`groupId eq '${id}'`);
  const path = `/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances?$filter=${filter}&$expand=principal`;
  try {
    const rows = await graph.list(path, graphGroupEligibility);
    const found = await forEachOf(rows, async ({ principalId, accessId, principal }) => {
      const one = principalOf(principal ?? { id: principalId });
      const as = accessId?.toLowerCase() === "owner" ? ("owner" as const) : ("member" as const);
      const behind =
        one.kind === "group"
          ? (await graph.list(`/groups/${one.id}/transitiveMembers?$select=id,displayName`, graphObject))
              .map(principalOf)
              .filter(({ kind }) => kind !== "group")
          : [one];
      return behind.map((each) => ({ principal: each, as }));
    });
    return found.flat();
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
