import type { z } from "zod";
import { graphRegistration } from "../../contracts/graph.ts";
import { chunks } from "../../domain/chunks.ts";
import type { Graph } from "./graph-client.ts";
import { forEachOf } from "./principals.ts";

/** An `in` filter takes so many values. @see https://learn.microsoft.com/graph/filter-query-parameter */
export const IDS_IN_A_FILTER = 15;

/** Only checked ids get into a filter, so nothing can be injected. */
export const inFilter = (property: string, ids: readonly string[]): string =>
  encodeURIComponent(`${property} in (${ids.map((id) => `'${id}'`).join(",")})`);

const SELECTED = "id,appId,displayName,passwordCredentials,keyCredentials,web,spa,publicClient";

/** The app registrations of this tenant with these application ids, with their owners, of whom twenty are shown. */
export async function readRegistrations(
  graph: Graph,
  clientIds: readonly string[],
): Promise<readonly z.output<typeof graphRegistration>[]> {
  const found = await forEachOf(chunks([...new Set(clientIds)], IDS_IN_A_FILTER), (some) =>
    graph.list(
      `/applications?$filter=${inFilter("appId", some)}&$select=${SELECTED}&$expand=owners`,
      graphRegistration,
    ),
  );
  return found.flat();
}
