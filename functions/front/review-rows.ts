import { aboutItem } from "../../shared/crypto/reviewed-item.ts";
import type { ChangeItem } from "../../shared/domain/change.ts";
import { deedsText } from "../../shared/domain/deeds.ts";
import { recommend } from "../../shared/domain/review.ts";
import { mayAnswer } from "../../shared/domain/reviewers.ts";
import { HOUR_MS, type Instant } from "../../shared/domain/time.ts";
import { useOfRole, type RoleUse } from "../eligibility/use-of-role.ts";
import { durationText } from "../pages/format.ts";
import type { ReviewRow } from "../pages/views.ts";
import { reviewedSince } from "../review/reviewed-period.ts";
import type { Front } from "./front.ts";
import type { OwnReview } from "./own-reviews.ts";
import { scopeText } from "./request-views.ts";
import { itemsOf, type ReviewedItem } from "./reviewed-rows.ts";
import type { Viewer } from "./session.ts";

/** Which items of a review: these, or so many from one on. */
export type Wanted = Parameters<typeof itemsOf>[2];

type Rows = Pick<Front, "changes" | "policies" | "store" | "posture" | "log">;

/**
 * The rows of a review that its reviewer sees: everybody they answer for, and themselves, for whom somebody else does.
 * None of another role than the page names: an answer is bound to the item with its role, and to nothing else on the page.
 */
export async function rowsOf(
  front: Rows,
  viewer: Viewer,
  review: OwnReview,
  wanted: Wanted,
): Promise<readonly ReviewRow[]> {
  const { id, asked, record, frozen } = review;
  const since = reviewedSince(front.policies.policy, record.change.askedAt);
  const shown = (await itemsOf(front.changes, id, wanted)).filter(
    ({ item }) =>
      frozen.body.kind === "review" &&
      item.roleDefinitionId === frozen.body.roleDefinitionId &&
      (item.person === viewer.person.key || mayAnswer(asked, item)),
  );
  return Promise.all(
    shown.map(async (one) => rowOf(review, one, await useOf(front, one.item, since), await ownIn(front, viewer, one))),
  );
}

/** Nobody answers about themselves, nor about a group that they are in: the worker counts no such answer. */
async function ownIn(front: Rows, { person }: Viewer, { item }: ReviewedItem): Promise<ReviewRow["own"]> {
  if (item.person === person.key) return "self";
  if (!item.notUser) return "";
  try {
    const group = await front.posture.holdingGroup(item.principalId);
    const isIn = group?.members.some((member) => front.policies.people.byAccount(member)?.key === person.key);
    return isIn === true ? "group" : "";
  } catch (error) {
    const problem = error instanceof Error ? error.message : "unknown";
    front.log("warn", "who is in a reviewed group is not read", { problem }); // the worker asks again, and counts
    return "";
  }
}

const useOf = (front: Rows, item: ChangeItem, since: Instant): Promise<RoleUse> | RoleUse =>
  item.person === ""
    ? { activations: 0, heldMs: 0, lastAt: null, tickets: [], windows: [] }
    : useOfRole(front, item.person, item.roleDefinitionId, since);

const rowOf = (
  { key, sheet }: OwnReview,
  { n, item, deeds }: ReviewedItem,
  use: RoleUse,
  own: ReviewRow["own"],
): ReviewRow => {
  const about = aboutItem(item);
  const kept = sheet[n];
  return {
    key: `${key}-${n}-${about.slice(0, 32)}`, // so much of it that nobody can make two items that share it
    n,
    about,
    holder: item.holder,
    scope: scopeText(item.directoryScopeId),
    since: item.since ?? null,
    activations: use.activations,
    held: use.heldMs < HOUR_MS ? "less than an hour" : durationText(Math.round(use.heldMs / HOUR_MS) * HOUR_MS),
    lastAt: use.lastAt,
    tickets: use.tickets.slice(0, 5),
    did: deedsText(deeds),
    recommendation: recommend(use.activations),
    answer: kept?.about === about ? kept : null,
    lacksReason: false,
    own,
  };
};
