import { digestOf } from "../../shared/crypto/digest.ts";
import type { ChangeId, ChangeItem } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import { asksManagers, planReviewers, sourcesOfOthers } from "../../shared/domain/reviewers.ts";
import { plus } from "../../shared/domain/time.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import type { Opening, OpeningResult } from "../changes/contents.ts";
import { sealProgress } from "../changes/frozen-change.ts";
import { ableReviewers } from "./able-reviewers.ts";
import { frozenCampaign, PopulationDigest } from "./campaign-ids.ts";
import { askInEntra } from "./entra-review.ts";

/** Items read and sealed at a time. */
const STRETCH = 500;

/**
 * One role of a campaign: the worker's own list of the campaign must name it, and the items must be those that were
 * fixed. All are checked before the first is sealed, and again as they are: the seal permits the work, so none may be
 * made over somebody else's rows, not even for a review that is refused. May run twice.
 */
export async function openReview(worker: ChangeWorker, { change, policy }: Opening<"review">): Promise<OpeningResult> {
  const { campaign: campaignId, population } = change.body;
  const { reviews } = policy.governance;
  const frozen = frozenCampaign(worker.sealing, campaignId, await worker.changes.frozen(campaignId));
  const listed = frozen?.reviews.find(({ id }) => id === change.id);
  if (!frozen || !listed || !reviews || listed.population !== population || frozen.until !== change.body.until)
    return { refusal: refusal("RecordTampered", "the campaign does not list this review") };
  const { items: total } = listed;
  const { until, remindAt } = frozen;
  const managers = asksManagers(reviews) ? new Set<PersonKey>() : undefined;
  const digest = new PopulationDigest();
  const stretches: string[] = [];
  let hasOthers = false;
  for await (const { items } of stretchesOf(worker, change.id, total)) {
    for (const item of items) {
      digest.add(item);
      if (item.manager === undefined) hasOthers = true;
      else managers?.add(item.manager);
    }
    stretches.push(digestOf(items));
  }
  if (digest.hex() !== population) return { refusal: refusal("RecordTampered", "the population was changed") };
  const start = { changeId: change.id, finished: false, madeEligible: false, makes: 0, takes: 0 };
  for await (const { n, items } of stretchesOf(worker, change.id, total)) {
    if (digestOf(items) !== stretches.shift())
      return { refusal: refusal("RecordTampered", "the population was changed meanwhile") };
    await worker.changes.beginProgress(
      change.id,
      items.map((item, index) => sealProgress(worker.sealing, { ...start, n: n + index, item })),
    );
  }
  const { people } = worker.policies;
  const reviewers = planReviewers(
    {
      others: await ableReviewers(worker, sourcesOfOthers(reviews)),
      backups: await ableReviewers(worker, reviews.escalation?.to ?? []),
    },
    managers && [...managers].flatMap((key) => people.byKey(key) ?? []),
    hasOthers,
  );
  if (reviewers.every(({ backup }) => backup)) return { refusal: refusal("NoApprover") };
  const words = [
    `Review of everybody who is eligible for ${listed.role} (${total}).`,
    `Without an answer until ${until.slice(0, 10)} an eligibility ${reviews.noAnswer === "remove" ? "is removed" : "stays"}.`,
  ];
  const inEntra =
    reviews.where === "entra"
      ? await askInEntra(worker, {
          id: change.id,
          campaign: campaignId,
          role: listed.role,
          roleDefinitionId: listed.roleDefinitionId,
          reviewers,
          until,
        })
      : undefined;
  if (inEntra !== undefined) words.push("Reviewers answer in Entra (My Access); Zero Standing does what they decide.");
  const escalateAt = reviews.escalation && plus(until, reviews.escalation.afterMs - reviews.withinMs);
  const review = { reviewers, total, until, remindAt, escalateAt, inEntra };
  return { contents: { items: [], words, needsApproval: false, review } };
}

/** A stretch at a time, so a population of any size takes no memory. */
async function* stretchesOf(
  { changes }: ChangeWorker,
  id: ChangeId,
  total: number,
): AsyncGenerator<{ readonly n: number; readonly items: readonly ChangeItem[] }> {
  for (let n = 1; n <= total; n += STRETCH)
    yield { n, items: await changes.items(id, n, Math.min(STRETCH, total - n + 1)) };
}
