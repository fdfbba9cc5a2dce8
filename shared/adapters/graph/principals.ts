import type { z } from "zod";
import type { graphObject } from "../../contracts/graph.ts";
import type { PrincipalId } from "../../domain/ids.ts";
import type { Principal } from "../../domain/posture.ts";
import { chunks } from "../../domain/chunks.ts";

const KINDS: Readonly<Record<string, Principal["kind"]>> = {
  "#microsoft.graph.user": "user",
  "#microsoft.graph.group": "group",
  "#microsoft.graph.serviceprincipal": "servicePrincipal",
};

/** What an expanded object says of itself; objects that may not be read have no name. */
export const principalOf = ({ id, "@odata.type": type, displayName }: z.output<typeof graphObject>): Principal => ({
  id: id as PrincipalId,
  kind: KINDS[type?.toLowerCase() ?? ""] ?? "unknown",
  name: displayName ?? "",
});

/** An expanded relationship ends here and does not say so. @see https://learn.microsoft.com/graph/query-parameters#expand */
export const MOST_EXPANDED = 20;

/** Calls that run at once, at most. */
const PARALLEL = 4;

/** Runs a call for every item, a few at once; the answers are in the order of the items. */
export async function forEachOf<T, R>(items: readonly T[], call: (item: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = [];
  for (const some of chunks(items, PARALLEL)) answers.push(...(await Promise.all(some.map(call))));
  return answers;
}
