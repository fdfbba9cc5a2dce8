import type { ChangeView } from "../../shared/contracts/change.ts";
import { isOver, type FrozenCampaign } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { changeStateOf } from "../changes/change-state.ts";
import { shownChange } from "../changes/change-view.ts";
import type { Door } from "../door.ts";
import { instantText } from "../pages/format.ts";
import type { NoticeView } from "../pages/views.ts";
import { shownJson } from "../shown-json.ts";
import { statusText } from "./change-notices.ts";

/** A campaign with how far it is in every role, as stored, for the eye only. Changes nothing. */
export async function campaignNotice(
  { changes }: Pick<Door, "changes">,
  record: ChangeRecord,
  { until }: Pick<ChangeView, "until">,
): Promise<NoticeView> {
  const over = isOver(changeStateOf(record));
  const reviews = await reviewsOf(changes, record);
  return {
    kind: "notice",
    title: over ? "The access review is over" : "The access review is under way",
    text: over ? "This is what became of it." : "Each reviewer answers by the link in the mail.",
    tone: over ? "good" : "waiting",
    facts: [
      ...reviews.map(({ role, items, record: review }) => {
        const state = review && changeStateOf(review);
        const done = state && "done" in state ? `, ${state.done} of ${items} done` : "";
        return { label: role, value: `${state ? statusText(state.status) : ""}${done}` };
      }),
      ...(until === null ? [] : [{ label: "Until", value: instantText(until) }]),
    ],
  };
}

/** Whether the person is asked in one of its reviews. */
export async function isReviewerIn(
  { changes }: Pick<Door, "changes">,
  record: ChangeRecord,
  person: PersonKey,
): Promise<boolean> {
  const reviews = await reviewsOf(changes, record);
  return reviews.some(
    (review) => review.record && shownChange(review.record)?.approvers.some((one) => one.person === person),
  );
}

async function reviewsOf(changes: Door["changes"], { frozen, change }: ChangeRecord) {
  const campaign = frozen && (shownJson(frozen.body) as FrozenCampaign | null | undefined);
  const listed = change.body.kind === "campaign" ? (campaign?.reviews ?? []) : [];
  return Promise.all(listed.map(async (one) => ({ ...one, record: await changes.load(one.id) })));
}
