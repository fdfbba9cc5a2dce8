/** What answers the doors: one chunk, loaded with the first call of any of them. */
export { safely } from "../http/safely.ts";
export { acceptPolicy, showPolicy } from "../triggers/accept-policy.http.ts";
export { changeEligibility, listEligibility } from "../triggers/change-eligibility.http.ts";
export { changeSettings } from "../triggers/change-settings.http.ts";
export { completeSignIn } from "../triggers/complete-sign-in.http.ts";
export { endActivation } from "../triggers/end-activation.http.ts";
export { exportAudit } from "../triggers/export-audit.http.ts";
export { freezeGrants } from "../triggers/freeze-grants.http.ts";
export {
  discardKeptMessage,
  listKeptMessages,
  resubmitKeptMessage,
  showKeptMessage,
} from "../triggers/kept-messages.http.ts";
export { listActivations } from "../triggers/list-activations.http.ts";
export { openLink } from "../triggers/open-link.http.ts";
export { receiveJira } from "../triggers/receive-jira.http.ts";
export { receiveServiceNow } from "../triggers/receive-servicenow.http.ts";
export { requestActivation } from "../triggers/request-activation.http.ts";
export { resumeGrants } from "../triggers/resume-grants.http.ts";
export { showActivation } from "../triggers/show-activation.http.ts";
export { showAuditKeys } from "../triggers/show-audit-keys.http.ts";
export { showChange, showChangePage } from "../triggers/show-change.http.ts";
export { showBaseline, showFindings } from "../triggers/show-findings.http.ts";
export { showDoctor, showPrincipals } from "../triggers/show-doctor.http.ts";
export { showEligibility } from "../triggers/show-eligibility.http.ts";
export { listReviews, showReview } from "../triggers/show-reviews.http.ts";
export { showFreeze } from "../triggers/show-freeze.http.ts";
export { showHealth } from "../triggers/show-health.http.ts";
export { showOpenApi } from "../triggers/show-openapi.http.ts";
export { planStanding, showStanding } from "../triggers/show-standing.http.ts";
export { simulatePolicyChange } from "../triggers/simulate-policy.http.ts";
export { showPage } from "../triggers/show-page.http.ts";
export { withdrawChange } from "../triggers/withdraw-change.http.ts";
export { workWave } from "../triggers/work-wave.http.ts";
