import type { InvocationContext } from "@azure/functions";
import type { DirectGateway } from "../../shared/ports/workflow-gateway.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import { closeCampaign } from "../review/close-campaign.ts";
import { openCampaign } from "../review/open-campaign.ts";
import { readDeeds } from "../review/read-deeds.ts";
import { forgetDeliveries } from "../audit/forget-deliveries.ts";

/**
 * Once an hour: forgets what nobody asks for any more; opens the campaign that is due and has it worked, or ends it when its orchestration was lost; reads for its reviewers what was done with the roles.
 */
export const tendCampaign =
  (worker: ChangeWorker, gatewayOf: (context: InvocationContext) => DirectGateway) =>
  async (_timer: unknown, context: InvocationContext): Promise<void> => {
    await forgotten(worker);
    const id = await openCampaign(worker);
    if (!id || (await closeCampaign(worker, id))) return;
    await gatewayOf(context).campaign(id);
    await readDeeds(worker, id);
  };

/** A table that is slow or full holds up no review. */
async function forgotten(worker: ChangeWorker): Promise<void> {
  try {
    await forgetDeliveries(worker);
  } catch (error) {
    const problem = error instanceof Error ? error.message : "unknown";
    worker.log("error", "deliveries not forgotten", { problem });
  }
}
