import { app, type InvocationContext, type Timer, type TimerHandler } from "@azure/functions";
import * as df from "durable-functions";
import { activationOrchestrator } from "../../orchestrations/activation.ts";
import { campaignOrchestrator } from "../../orchestrations/campaign.ts";
import { ACTIVATION_ACTIVITIES, CHANGE_ACTIVITIES, ORCHESTRATORS } from "../../orchestrations/catalog.ts";
import { changeOrchestrator } from "../../orchestrations/change.ts";
import { resumeOrchestrator } from "../../orchestrations/resume.ts";
import { ticketEventOrchestrator } from "../../orchestrations/ticket-event.ts";
import type { WorkerPart } from "../composition.ts";
import { durableClient, gatewayOf } from "../workflow.ts";
import { laterFrom } from "./later.ts";
import { registerReport, watchedTimer } from "./watched.ts";

const later = laterFrom(() => import("../handlers/worker.ts"));

/** A body as it was sent, not as somebody parsed it. The SDK's types do not know this member of the binding. */
const BYTES = { dataType: "binary" };

/** Orchestrations, their activities, and the queues. The only part that can grant. */
export function registerWorker({ worker, messages, handovers, examiner, noteRun }: WorkerPart): void {
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
    extraInputs: [durableClient],
    handler: later((from) => from.handleTicketEvent(worker, gatewayOf)),
  });

  if (messages)
    for (const sender of Object.keys(worker.policies.policy.senders))
      app.serviceBusQueue(`receiveRequest-${sender}`, {
        ...BYTES,
        queueName: `requests-${sender}`,
        connection: "SERVICE_BUS",
        extraInputs: [durableClient],
        handler: later((from) => from.receiveRequest(messages, sender)),
      });
  if (handovers)
    app.serviceBusQueue("receiveHandover", {
      ...BYTES,
      queueName: "ticket-events",
      connection: "SERVICE_BUS",
      extraInputs: [durableClient],
      handler: later((from) => from.receiveHandover(handovers)),
    });

  const timer = watchedTimer(noteRun);
  const ring: TimerHandler = later(
    (from) => (_timer: Timer, context: InvocationContext) => from.ringDue(worker, gatewayOf(context)),
  );
  timer("ringDue", "0 * * * * *", ring, [durableClient]);
  const tend = later((from) => from.tendCampaign(worker, gatewayOf));
  timer("tendCampaign", "0 15 * * * *", tend, [durableClient]);
  registerReport(examiner);
}
