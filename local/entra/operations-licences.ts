import { needs, type Directory, type GraphApp } from "./graph-app.ts";
import { answerList, type EntitySet } from "./odata-query.ts";

const SUBSCRIPTIONS: EntitySet = { type: "subscribedSku", filterable: [] };

const PLANS: Readonly<Record<string, string>> = {
  AAD_PREMIUM: "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
  AAD_PREMIUM_P2: "eec0eb4f-6444-4f95-aba0-50c24d67f998",
  Entra_Identity_Governance: "e866a266-3cff-43a3-acca-0c90a7e00c8b",
};

/** One subscription with the service plans of the setting `servicePlans`. */
export function mountLicences(graph: GraphApp, directory: Directory): void {
  graph.get("/subscribedSkus", needs("LicenseAssignment.Read.All", "Organization.Read.All"), (c) => {
    const servicePlans = directory.state.settings.servicePlans.map((servicePlanName) => ({
      servicePlanId: PLANS[servicePlanName] ?? null,
      servicePlanName,
      provisioningStatus: "Success",
      appliesTo: "User",
    }));
    const skuId = "84a661c4-e949-4bd2-a560-ed7766fcaf2b";
    const subscription = {
      id: `5b000000-0000-4000-8000-000000000001_${skuId}`,
      skuId,
      skuPartNumber: "AAD_PREMIUM_P2",
      appliesTo: "User",
      capabilityStatus: "Enabled",
      consumedUnits: 60,
      prepaidUnits: { enabled: 100, suspended: 0, warning: 0, lockedOut: 0 },
      subscriptionIds: [],
      servicePlans,
    };
    return answerList(c, directory, SUBSCRIPTIONS, [subscription]);
  });
}
