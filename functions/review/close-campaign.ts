import { isOver, type ChangeId } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { REASONS } from "../../shared/domain/reasons.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { event, WORKER } from "../activation/change.ts";
import { mailTo } from "../activation/messages.ts";
import { unlessNever } from "../changes/change-mail.ts";
import { changeStateOf } from "../changes/change-state.ts";
import { changeSubject, type ChangeWorker } from "../changes/change-worker.ts";
import { changeVerdicts, openedChange } from "../changes/frozen-change.ts";
import { frozenCampaign } from "./campaign-ids.ts";
import { tellReviewers } from "./review-mail.ts";

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
  const outcomes = reviews.flatMap((review, index) => {
    const result = results[index];
    return review && result ? [{ line: lineOf(result, review), persons: askedIn(worker, review) }] : [];
  });
  await tellReviewers(worker, campaign, outcomes);
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
  await unlessNever(worker, id, () => worker.notifier.mail(message));
  const [done, total] = [
    results.reduce((sum, one) => sum + one.done, 0),
    results.reduce((sum, one) => sum + one.items, 0),
  ];
  const closing = { reason: null, detail: null, by: null };
  await worker.changes.putState(id, { status: "Done", since: now, done, total, closing }, record.row?.etag);
  return true;
}

function lineOf(
  { role, done, items }: { readonly role: string; readonly done: number; readonly items: number },
  review: ChangeRecord,
): string {
  const state = changeStateOf(review);
  const reason = "closing" in state && state.closing.reason !== null ? ` ${REASONS[state.closing.reason]}` : "";
  const detail = "closing" in state && state.closing.detail !== null ? ` (${state.closing.detail})` : "";
  return `${role}: ${done} of ${items} done.${reason}${detail}`;
}

/** The reviewers, and those who stood in for them. */
function askedIn(worker: ChangeWorker, review: ChangeRecord): readonly PersonKey[] {
  const opened = openedChange(worker.sealing, review);
  const signed = new Set(changeVerdicts(worker.sealing, review, opened?.digest ?? "").map(({ slot }) => slot));
  return (opened?.frozen.approvers ?? [])
    .filter(({ slot, backup }) => !backup || signed.has(slot))
    .map(({ person }) => person);
}
