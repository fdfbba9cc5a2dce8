/** What works activities, queues and timers of the worker: one chunk, loaded with the first of them. */
export { activationActivity } from "../activities/activity.ts";
export { EFFECTS } from "../activities/effects.ts";
export { handleTicketEvent } from "../activities/handle-ticket-event.ts";
export { readResume, recordResume } from "../activities/record-resume.ts";
export { changeActivity } from "../changes/change-activity.ts";
export { CHANGE_EFFECTS } from "../changes/effects.ts";
export { ringDue } from "../activation/ring-due.ts";
export { endCampaign, readCampaign } from "../review/campaign-activities.ts";
export { tendCampaign } from "../triggers/tend-campaign.timer.ts";
export { receiveHandover } from "../triggers/receive-handover.servicebus.ts";
export { receiveRequest } from "../triggers/receive-request.servicebus.ts";
