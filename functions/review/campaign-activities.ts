import type { ActivityHandler } from "durable-functions";
import type { CampaignFacts } from "../../orchestrations/catalog.ts";
import { parseActivationId } from "../../shared/domain/ids.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import { frozenCampaign } from "./campaign-ids.ts";
import { closeCampaign } from "./close-campaign.ts";

const facts = async (worker: ChangeWorker, text: string, closed: boolean): Promise<CampaignFacts> => {
  const id = parseActivationId(text);
  const record = id && (await worker.changes.load(id));
  const campaign = id && frozenCampaign(worker.sealing, id, record?.frozen);
  return { reviews: (campaign?.reviews ?? []).map((review) => review.id), closed };
};

/** Which reviews a campaign has. Changes nothing. */
export const readCampaign =
  (worker: ChangeWorker): ActivityHandler =>
  (input: { readonly id: string }): Promise<CampaignFacts> =>
    facts(worker, input.id, false);

/** Ends a campaign whose reviews are all over. May run twice. */
export const endCampaign =
  (worker: ChangeWorker): ActivityHandler =>
  async (input: { readonly id: string }): Promise<CampaignFacts> => {
    const id = parseActivationId(input.id);
    return facts(worker, input.id, id !== undefined && (await closeCampaign(worker, id)));
  };
