import { isOver, type ChangeId } from "../../shared/domain/change.ts";
import { event, WORKER } from "../activation/change.ts";
import { mailTo } from "../activation/messages.ts";
import { changeStateOf } from "../changes/change-state.ts";
import { changeSubject, type ChangeWorker } from "../changes/change-worker.ts";
import { frozenCampaign } from "./campaign-ids.ts";

/** Whether every review of the campaign is over, and if so the end of it: record, mail, state. May run twice. */
export async function closeCampaign(worker: ChangeWorker, id: ChangeId): Promise<boolean> {
  const record = await worker.changes.load(id);
  const campaign = record && frozenCampaign(worker.sealing, id, record.frozen);
  if (!record || !campaign) return false;
  if (isOver(changeStateOf(record))) return true;
  const reviews = await Promise.all(campaign.reviews.map((review) => worker.changes.load(review.id)));
  const states = reviews.map((review) => review && changeStateOf(review));
  if (!states.every((state) => state !== undefined && isOver(state))) return false;
  const now = worker.clock.now();
  const results = campaign.reviews.map(({ id: review, role, items }, index) => {
    const state = states[index];
    return { review, role, items, status: state?.status ?? null, done: state && "done" in state ? state.done : 0 };
  });
  await worker.audit.append(changeSubject(id), "closed", event("CampaignClosed", now, { results }, WORKER));
  const message = mailTo(
    worker.policies.policy.alertMail,
    `Access review ${campaign.number + 1} is over`,
    [
      ...results.map(({ role, items, status, done }) => `${role}: ${done} of ${items}, ${status ?? "unknown"}.`),
      `The report: zs review show ${id}`,
    ],
    worker.links.changePage(id),
    "Open the record",
  );
  if (message.channel === "mail") await worker.notifier.mail({ ...message, activationId: undefined });
  const [done, total] = [
    results.reduce((sum, one) => sum + one.done, 0),
    results.reduce((sum, one) => sum + one.items, 0),
  ];
  const closing = { reason: null, detail: null, by: null };
  await worker.changes.putState(id, { status: "Done", since: now, done, total, closing }, record.row?.etag);
  return true;
}
