import { app, type HttpMethod } from "@azure/functions";
import * as df from "durable-functions";
import { activationOrchestrator } from "../orchestrations/activation.ts";
import { ORCHESTRATORS } from "../orchestrations/catalog.ts";
import { resumeOrchestrator } from "../orchestrations/resume.ts";
import { ticketEventOrchestrator } from "../orchestrations/ticket-event.ts";
import { activationActivity } from "./activities/activity.ts";
import { EFFECTS } from "./activities/effects.ts";
import { handleTicketEvent } from "./activities/handle-ticket-event.ts";
import { reconcile } from "./activation/reconcile.ts";
import { readResume, recordResume } from "./activities/record-resume.ts";
import { sweep } from "./activation/sweep.ts";
import { compose, gatewayOf } from "./composition.ts";
import type { Handler } from "./http/handler.ts";
import { safely } from "./http/safely.ts";
import { completeSignIn } from "./triggers/complete-sign-in.http.ts";
import { endActivation } from "./triggers/end-activation.http.ts";
import { exportAudit } from "./triggers/export-audit.http.ts";
import { freezeGrants } from "./triggers/freeze-grants.http.ts";
import { showAuditKeys } from "./triggers/show-audit-keys.http.ts";
import { resumeGrants } from "./triggers/resume-grants.http.ts";
import { showFreeze } from "./triggers/show-freeze.http.ts";
import { showHealth } from "./triggers/show-health.http.ts";
import { showOpenApi } from "./triggers/show-openapi.http.ts";
import { listActivations } from "./triggers/list-activations.http.ts";
import { openLink } from "./triggers/open-link.http.ts";
import { receiveJira } from "./triggers/receive-jira.http.ts";
import { receiveServiceNow } from "./triggers/receive-servicenow.http.ts";
import { requestActivation } from "./triggers/request-activation.http.ts";
import { showActivation } from "./triggers/show-activation.http.ts";
import { showPage } from "./triggers/show-page.http.ts";
import { writeCheckpoint } from "./triggers/write-checkpoint.timer.ts";

/** Every function of the app, on one page. Nothing is opened here: adapters are made when first used. */
const { settings, worker, front, notary } = compose(process.env);

const http = (name: string, methods: readonly HttpMethod[], route: string, handler: Handler): void =>
  app.http(name, {
    methods: [...methods],
    route,
    authLevel: "anonymous",
    extraInputs: [df.input.durableClient()],
    handler: safely(worker.log, handler),
  });

http("requestActivation", ["POST"], "activations", requestActivation(front));
http("listActivations", ["GET"], "activations", listActivations(front));
http("showActivation", ["GET"], "activations/{id}", showActivation(front));
http("endActivation", ["POST"], "activations/{id}/end", endActivation(front));
http("openLink", ["GET", "HEAD", "POST"], "l/{token}", openLink(front));
http("completeSignIn", ["POST"], "sign-in/callback", completeSignIn(front));
http("showPage", ["GET", "HEAD", "POST"], "a/{id}", showPage(front));
http("freezeGrants", ["POST"], "freeze", freezeGrants(front));
http("showFreeze", ["GET", "HEAD"], "freeze", showFreeze(front));
http("resumeGrants", ["POST"], "freeze/resume", resumeGrants(front));
http("exportAudit", ["GET"], "audit", exportAudit(front));
http("showAuditKeys", ["GET"], "audit/keys", showAuditKeys(front));
http("showHealth", ["GET"], "health", showHealth(front));
http("showOpenApi", ["GET"], "openapi.json", showOpenApi(settings.publicUrl));
http("receiveServiceNow", ["POST"], "webhooks/servicenow", receiveServiceNow(front, settings.servicenow));
http("receiveJira", ["POST"], "webhooks/jira", receiveJira(front, settings.jira));

df.app.orchestration(ORCHESTRATORS.activation, activationOrchestrator);
df.app.orchestration(ORCHESTRATORS.ticketEvent, ticketEventOrchestrator);
df.app.orchestration(ORCHESTRATORS.resume, resumeOrchestrator);

for (const [name, effect] of Object.entries(EFFECTS))
  df.app.activity(name, { handler: activationActivity(worker, name, effect) });
df.app.activity("readResume", { handler: readResume(worker) });
df.app.activity("recordResume", { handler: recordResume(worker) });
df.app.activity("handleTicketEvent", {
  extraInputs: [df.input.durableClient()],
  handler: handleTicketEvent(worker, gatewayOf),
});

app.timer("reconcile", {
  schedule: "30 */5 * * * *",
  handler: () => reconcile(worker),
});

app.timer("sweep", {
  schedule: "0 * * * * *",
  extraInputs: [df.input.durableClient()],
  handler: (_timer, context) => sweep(worker, gatewayOf(context)),
});

app.timer("writeCheckpoint", { schedule: "0 */10 * * * *", handler: writeCheckpoint(notary) });
