import { app, type HttpMethod } from "@azure/functions";
import * as df from "durable-functions";
import { activationOrchestrator } from "../orchestrations/activation.ts";
import { ACTIVATION_ACTIVITIES, CHANGE_ACTIVITIES, ORCHESTRATORS } from "../orchestrations/catalog.ts";
import { campaignOrchestrator } from "../orchestrations/campaign.ts";
import { changeOrchestrator } from "../orchestrations/change.ts";
import { resumeOrchestrator } from "../orchestrations/resume.ts";
import { ticketEventOrchestrator } from "../orchestrations/ticket-event.ts";
import { compose, gatewayOf } from "./composition.ts";
import type { Handler } from "./http/handler.ts";
import { once } from "./lazy.ts";

/**
 * Every function of the app, on one page. A start loads what registers and what orchestrates, and no more: handlers come
 * with the first call, adapters and their SDKs when first used.
 */
const { settings, worker, front, notary, messages, handovers } = await compose(process.env);

const handlers = once(() => import("./handlers.ts"));
type Handlers = Awaited<ReturnType<typeof handlers>>;

/** A handler that is made at its first call. */
function later<Args extends readonly unknown[], Answer>(make: (from: Handlers) => (...args: Args) => Answer) {
  const made = once(async () => make(await handlers()));
  return async (...args: Args): Promise<Awaited<Answer>> => await (await made())(...args);
}

const http = (name: string, methods: readonly HttpMethod[], route: string, make: (from: Handlers) => Handler): void =>
  app.http(name, {
    methods: [...methods],
    route,
    authLevel: "anonymous",
    extraInputs: [df.input.durableClient()],
    handler: later((from) => from.safely(worker.log, make(from))),
  });

http("requestActivation", ["POST"], "activations", (from) => from.requestActivation(front));
http("listActivations", ["GET"], "activations", (from) => from.listActivations(front));
http("showActivation", ["GET"], "activations/{id}", (from) => from.showActivation(front));
http("endActivation", ["POST"], "activations/{id}/end", (from) => from.endActivation(front));
http("openLink", ["GET", "HEAD", "POST"], "l/{token}", (from) => from.openLink(front));
http("completeSignIn", ["POST"], "sign-in/callback", (from) => from.completeSignIn(front));
http("showPage", ["GET", "HEAD", "POST"], "a/{id}", (from) => from.showPage(front));
http("freezeGrants", ["POST"], "freeze", (from) => from.freezeGrants(front));
http("showFreeze", ["GET", "HEAD"], "freeze", (from) => from.showFreeze(front));
http("resumeGrants", ["POST"], "freeze/resume", (from) => from.resumeGrants(front));
http("exportAudit", ["GET"], "audit", (from) => from.exportAudit(front));
http("showAuditKeys", ["GET"], "audit/keys", (from) => from.showAuditKeys(front));
http("listKeptMessages", ["GET"], "queues/{shelf}", (from) => from.listKeptMessages(front));
http("showKeptMessage", ["GET"], "queues/{shelf}/{id}", (from) => from.showKeptMessage(front));
http("resubmitKeptMessage", ["POST"], "queues/{shelf}/{id}/resubmit", (from) => from.resubmitKeptMessage(front));
http("discardKeptMessage", ["POST"], "queues/{shelf}/{id}/discard", (from) => from.discardKeptMessage(front));
http("showStanding", ["GET"], "standing", (from) => from.showStanding(front));
http("planStanding", ["GET"], "standing/plan", (from) => from.planStanding(front));
http("workWave", ["POST"], "standing/waves", (from) => from.workWave(front));
http("listEligibility", ["GET"], "eligibility", (from) => from.listEligibility(front));
http("changeEligibility", ["POST"], "eligibility", (from) => from.changeEligibility(front));
http("showEligibility", ["GET", "HEAD", "POST"], "e", (from) => from.showEligibility(front));
http("showChange", ["GET"], "changes/{id}", (from) => from.showChange(front));
http("withdrawChange", ["POST"], "changes/{id}/withdraw", (from) => from.withdrawChange(front));
http("showChangePage", ["GET", "HEAD", "POST"], "c/{id}", (from) => from.showChangePage(front));
http("showPolicy", ["GET"], "policy", (from) => from.showPolicy(front));
http("acceptPolicy", ["POST"], "policy/accept", (from) => from.acceptPolicy(front));
http("simulatePolicy", ["POST"], "policy/simulate", (from) => from.simulatePolicyChange(front));
http("changeSettings", ["POST"], "baseline/changes", (from) => from.changeSettings(front));
http("listReviews", ["GET"], "reviews", (from) => from.listReviews(front));
http("showReview", ["GET"], "reviews/{id}", (from) => from.showReview(front));
http("showFindings", ["GET"], "findings", (from) => from.showFindings(front));
http("showBaseline", ["GET"], "baseline", (from) => from.showBaseline(front));
http("showHealth", ["GET"], "health", (from) => from.showHealth(front));
http("showOpenApi", ["GET"], "openapi.json", (from) => from.showOpenApi(settings.publicUrl));
http("receiveServiceNow", ["POST"], "webhooks/servicenow", (from) =>
  from.receiveServiceNow(front, settings.servicenow),
);
http("receiveJira", ["POST"], "webhooks/jira", (from) => from.receiveJira(front, settings.jira));

/** A body as it was sent, not as somebody parsed it. The SDK's types do not know this member of the binding. */
const BYTES = { dataType: "binary" };

if (messages)
  for (const sender of Object.keys(worker.policies.policy.senders))
    app.serviceBusQueue(`receiveRequest-${sender}`, {
      ...BYTES,
      queueName: `requests-${sender}`,
      connection: "SERVICE_BUS",
      extraInputs: [df.input.durableClient()],
      handler: later((from) => from.receiveRequest(messages, sender)),
    });
if (handovers)
  app.serviceBusQueue("receiveHandover", {
    ...BYTES,
    queueName: "ticket-events",
    connection: "SERVICE_BUS",
    extraInputs: [df.input.durableClient()],
    handler: later((from) => from.receiveHandover(handovers)),
  });

df.app.orchestration(ORCHESTRATORS.activation, activationOrchestrator);
df.app.orchestration(ORCHESTRATORS.ticketEvent, ticketEventOrchestrator);
df.app.orchestration(ORCHESTRATORS.resume, resumeOrchestrator);
df.app.orchestration(ORCHESTRATORS.change, changeOrchestrator);
df.app.orchestration(ORCHESTRATORS.campaign, campaignOrchestrator);

for (const name of ACTIVATION_ACTIVITIES)
  df.app.activity(name, { handler: later((from) => from.activationActivity(worker, name, from.EFFECTS[name])) });
for (const name of CHANGE_ACTIVITIES)
  df.app.activity(name, { handler: later((from) => from.changeActivity(worker, name, from.CHANGE_EFFECTS[name])) });
df.app.activity("readCampaign", { handler: later((from) => from.readCampaign(worker)) });
df.app.activity("closeCampaign", { handler: later((from) => from.endCampaign(worker)) });
df.app.activity("readResume", { handler: later((from) => from.readResume(worker)) });
df.app.activity("recordResume", { handler: later((from) => from.recordResume(worker)) });
df.app.activity("handleTicketEvent", {
  extraInputs: [df.input.durableClient()],
  handler: later((from) => from.handleTicketEvent(worker, gatewayOf)),
});

app.timer("sweep", {
  schedule: "0 * * * * *",
  extraInputs: [df.input.durableClient()],
  handler: later((from) => async (_timer, context) => {
    await Promise.all([from.sweep(worker, gatewayOf(context)), front.noise.close()]);
  }),
});
app.timer("reconcile", { schedule: "30 */5 * * * *", handler: later((from) => () => from.reconcile(worker)) });
app.timer("checkDaily", { schedule: "0 0 5 * * *", handler: later((from) => from.checkDaily(worker)) });
app.timer("tendCampaign", {
  schedule: "0 15 * * * *",
  extraInputs: [df.input.durableClient()],
  handler: later((from) => from.tendCampaign(worker, gatewayOf)),
});
app.timer("writeCheckpoint", { schedule: "0 */10 * * * *", handler: later((from) => from.writeCheckpoint(notary)) });
