import { app, type HttpMethod } from "@azure/functions";
import type { FrontPart } from "../composition.ts";
import type { Handler } from "../http/handler.ts";
import { laterFrom } from "./later.ts";

const handlers = () => import("../handlers/front.ts");
type Handlers = Awaited<ReturnType<typeof handlers>>;
const later = laterFrom(handlers);

/** HTTP: webhooks, the API, pages. They read, claim and ask; nothing here can change the directory. */
export function registerFront({ front, hooks, packageDirectory, inputs, doctor }: FrontPart): void {
  const http = (name: string, methods: readonly HttpMethod[], route: string, make: (from: Handlers) => Handler): void =>
    app.http(name, {
      methods: [...methods],
      route,
      authLevel: "anonymous",
      extraInputs: [...inputs],
      handler: later((from) => from.safely(front.log, make(from))),
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
  http("showDoctor", ["GET"], "doctor", (from) => from.showDoctor({ ...front, ...doctor }));
  http("showPrincipals", ["GET"], "doctor/principals", (from) => from.showPrincipals({ ...front, ...doctor }));
  http("showHealth", ["GET"], "health", (from) => from.showHealth(front, packageDirectory));
  http("showOpenApi", ["GET"], "openapi.json", (from) => from.showOpenApi(front.publicUrl));
  http("receiveServiceNow", ["POST"], "webhooks/servicenow", (from) => from.receiveServiceNow(front, hooks.servicenow));
  http("receiveJira", ["POST"], "webhooks/jira", (from) => from.receiveJira(front, hooks.jira));

  app.timer("recordNoise", { schedule: "0 1 * * * *", handler: () => front.noise.close() });
}
