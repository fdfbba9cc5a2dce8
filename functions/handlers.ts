/** What answers the app's functions: one chunk, loaded with the first call of any of them. */
export { activationActivity } from "./activities/activity.ts";
export { EFFECTS } from "./activities/effects.ts";
export { handleTicketEvent } from "./activities/handle-ticket-event.ts";
export { readResume, recordResume } from "./activities/record-resume.ts";
export { changeActivity } from "./changes/change-activity.ts";
export { CHANGE_EFFECTS } from "./changes/effects.ts";
export { reconcile } from "./activation/reconcile.ts";
export { ringDue } from "./activation/ring-due.ts";
export { sweep } from "./activation/sweep.ts";
export { endCampaign, readCampaign } from "./review/campaign-activities.ts";
export { tendCampaign } from "./triggers/tend-campaign.timer.ts";
export { safely } from "./http/safely.ts";
export { acceptPolicy, showPolicy } from "./triggers/accept-policy.http.ts";
export { changeEligibility, listEligibility } from "./triggers/change-eligibility.http.ts";
export { checkDaily } from "./triggers/check-drift.timer.ts";
export { changeSettings } from "./triggers/change-settings.http.ts";
export { completeSignIn } from "./triggers/complete-sign-in.http.ts";
export { endActivation } from "./triggers/end-activation.http.ts";
export { exportAudit } from "./triggers/export-audit.http.ts";
export { freezeGrants } from "./triggers/freeze-grants.http.ts";
export {
  discardKeptMessage,
  listKeptMessages,
  resubmitKeptMessage,
  showKeptMessage,
} from "./triggers/kept-messages.http.ts";
export { listActivations } from "./triggers/list-activations.http.ts";
export { openLink } from "./triggers/open-link.http.ts";
export { receiveHandover } from "./triggers/receive-handover.servicebus.ts";
export { receiveJira } from "./triggers/receive-jira.http.ts";
export { receiveRequest } from "./triggers/receive-request.servicebus.ts";
export { receiveServiceNow } from "./triggers/receive-servicenow.http.ts";
export { requestActivation } from "./triggers/request-activation.http.ts";
export { resumeGrants } from "./triggers/resume-grants.http.ts";
export { showActivation } from "./triggers/show-activation.http.ts";
export { showAuditKeys } from "./triggers/show-audit-keys.http.ts";
export { showChange, showChangePage } from "./triggers/show-change.http.ts";
export { showBaseline, showFindings } from "./triggers/show-findings.http.ts";
export { keepReport } from "./doctor/examine.ts";
export { showDoctor, showPrincipals } from "./triggers/show-doctor.http.ts";
export { showEligibility } from "./triggers/show-eligibility.http.ts";
export { listReviews, showReview } from "./triggers/show-reviews.http.ts";
export { showFreeze } from "./triggers/show-freeze.http.ts";
export { showHealth } from "./triggers/show-health.http.ts";
export { showOpenApi } from "./triggers/show-openapi.http.ts";
export { planStanding, showStanding } from "./triggers/show-standing.http.ts";
export { simulatePolicyChange } from "./triggers/simulate-policy.http.ts";
export { showPage } from "./triggers/show-page.http.ts";
export { withdrawChange } from "./triggers/withdraw-change.http.ts";
export { workWave } from "./triggers/work-wave.http.ts";
export { writeCheckpoint } from "./triggers/write-checkpoint.timer.ts";
