import { graphSubscription } from "../../contracts/graph.ts";
import type { Licences } from "../../domain/standing-plan.ts";
import { isForbidden, type Graph } from "./graph-client.ts";

/** In grace counts: the directory goes on working then. */
const USABLE = ["enabled", "warning"];

/** @throws DependencyError @see https://learn.microsoft.com/graph/api/subscribedsku-list */
export async function readLicences(graph: Graph): Promise<Licences> {
  try {
    const subscriptions = await graph.list("/subscribedSkus", graphSubscription);
    const plans = subscriptions
      .filter(({ capabilityStatus }) => USABLE.includes(capabilityStatus?.toLowerCase() ?? ""))
      .flatMap(({ servicePlans }) => servicePlans ?? [])
      .filter(({ provisioningStatus }) => provisioningStatus?.toLowerCase() !== "disabled");
    return { kind: "read", plans: plans.flatMap(({ servicePlanName }) => servicePlanName ?? []) };
  } catch (error) {
    if (isForbidden(error)) return { kind: "notAllowed" };
    throw error;
  }
}
