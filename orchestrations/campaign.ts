import type { OrchestrationContext, Task } from "durable-functions";
import { ORCHESTRATORS, type CampaignFacts } from "./catalog.ts";

const RETRY_MS = 60_000;
const MOST_TRIES = 60;

/**
 * One campaign: a sub-orchestration for every role, then the end of it. Where this instance is lost, the reviews go on by
 * themselves, and the hourly look ends the campaign.
 */
export function* campaignOrchestrator(
  context: OrchestrationContext,
): Generator<Task, CampaignFacts | undefined, unknown> {
  const { id } = context.df.getInput<{ readonly id: string }>();

  function* attempt(activity: "readCampaign" | "closeCampaign"): Generator<Task, CampaignFacts | undefined, unknown> {
    try {
      return (yield context.df.callActivity(activity, { id, key: activity })) as CampaignFacts;
    } catch {
      return undefined; // the activity has logged it
    }
  }

  const campaign = yield* attempt("readCampaign");
  if (!campaign) return undefined;
  const reviews = campaign.reviews.map((review) =>
    context.df.callSubOrchestrator(ORCHESTRATORS.change, { id: review }, `change-${review}`),
  );
  try {
    if (reviews.length > 0) yield context.df.Task.all(reviews);
  } catch {
    // a review that was ended by force: the worker starts it again within a minute, and the hourly look sees the end
  }
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const facts = yield* attempt("closeCampaign");
    if (facts?.closed) return facts;
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + RETRY_MS));
  }
  return undefined;
}
