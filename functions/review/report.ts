import type { CampaignReport } from "../../shared/contracts/review.ts";
import type { ChangeId, ChangeVerdict, FrozenCampaign, ItemProgress } from "../../shared/domain/change.ts";
import { deedsText } from "../../shared/domain/deeds.ts";
import { DEEDS_STRETCH, type ChangeRecord, type DeedsSheet } from "../../shared/ports/change-store.ts";
import type { Door } from "../door.ts";
import { changeSubject } from "../changes/change-worker.ts";
import { changeStateOf } from "../changes/change-state.ts";
import { shownChange } from "../changes/change-view.ts";

/** A campaign as stored, for the eye only: what counts is in the audit trail. `undefined`: there is none of this id. */
export async function reportCampaign(
  door: Pick<Door, "changes" | "policies">,
  id: ChangeId,
): Promise<CampaignReport | undefined> {
  const record = await door.changes.load(id);
  const campaign = record?.frozen && (read(record.frozen.body) as FrozenCampaign | undefined);
  if (record?.change.body.kind !== "campaign" || !campaign) return undefined;
  const nameOf = (key: string): string => door.policies.people.byKey(key)?.name ?? key;
  const reviews: CampaignReport["reviews"] = [];
  const items: CampaignReport["items"] = [];
  for (const { id: review, role, items: total, population } of campaign.reviews) {
    const found = await door.changes.load(review);
    const state = found && changeStateOf(found);
    const done = state && "done" in state ? state.done : 0;
    reviews.push({
      id: review,
      role,
      status: state?.status ?? "Requested",
      population,
      total,
      done,
      reviewers: reviewersOf(found, nameOf),
    });
    let sheet: DeedsSheet | undefined;
    for (const [index, { body }] of (await door.changes.allProgress(review)).entries()) {
      if (index % DEEDS_STRETCH === 0) sheet = await door.changes.deeds(review, index + 1);
      const progress = read(body) as ItemProgress | undefined;
      if (progress) items.push({ ...itemOf(progress, role, nameOf), did: didText(sheet, progress.n) });
    }
  }
  const { number, opensAt, until, policyHash } = campaign;
  return { id, number, opensAt, until, policyHash, status: changeStateOf(record).status, reviews, items };
}

function reviewersOf(
  record: ChangeRecord | undefined,
  nameOf: (key: string) => string,
): CampaignReport["reviews"][number]["reviewers"] {
  const frozen = record && shownChange(record);
  const signed = new Set((record?.verdicts ?? []).map(({ body }) => (read(body) as ChangeVerdict | undefined)?.slot));
  return (frozen?.approvers ?? [])
    .filter(({ slot, backup }) => !backup || signed.has(slot))
    .map(({ person, slot }) => ({ name: nameOf(person), signed: signed.has(slot) }));
}

const itemOf = (
  { changeId, n, item, review, finished, finishedAt }: ItemProgress,
  role: string,
  nameOf: (key: string) => string,
): Omit<CampaignReport["items"][number], "did"> => ({
  role,
  holder: item.holder,
  principalId: item.principalId,
  scope: item.directoryScopeId,
  verdict: review?.verdict ?? "",
  by: review?.by ? nameOf(review.by) : "",
  why: review?.why ?? "",
  done: finished,
  readBackAt: finishedAt ?? "",
  record: finished ? `${changeSubject(changeId)} item-${n}-done` : "",
});

/** Empty where the role was not held when somebody looked. */
const didText = (sheet: DeedsSheet | undefined, n: number): string =>
  sheet && n < sheet.next && !(n in sheet.of) ? "" : deedsText(sheet?.of[n]);

function read(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // no JSON: somebody else's row
  }
}
