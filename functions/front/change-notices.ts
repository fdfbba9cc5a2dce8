import type { ChangeView } from "../../shared/contracts/change.ts";
import { instantText } from "../pages/format.ts";
import type { Fact, NoticeView, Tone } from "../pages/views.ts";

const TONE: Readonly<Record<ChangeView["status"], Tone>> = {
  Requested: "calm",
  AwaitingConfirmation: "waiting",
  AwaitingApproval: "waiting",
  AwaitingReview: "waiting",
  Working: "calm",
  Done: "good",
  Refused: "bad",
  Denied: "bad",
  Expired: "bad",
  Stopped: "bad",
};

const TITLE: Readonly<Record<ChangeView["status"], string>> = {
  Requested: "Being checked",
  AwaitingConfirmation: "Waits to be confirmed",
  AwaitingApproval: "Waits for a second person",
  AwaitingReview: "Waits for its reviewers",
  Working: "Under way",
  Done: "Done",
  Refused: "Refused",
  Denied: "Denied",
  Expired: "Expired",
  Stopped: "Stopped",
};

/** Where a change stands, in words. */
export const changeNotice = (view: ChangeView): NoticeView => ({
  kind: "notice",
  title: TITLE[view.status],
  text:
    view.closing && view.closing.text !== ""
      ? view.closing.text
      : (view.words[0] ?? "What was asked for is being checked."),
  tone: TONE[view.status],
  facts: changeFactList(view),
});

const changeFactList = (view: ChangeView): readonly Fact[] => [
  { label: "Asked by", value: `${view.askedBy}, on ${instantText(view.askedAt)}` },
  { label: "Why", value: view.because },
  ...view.words.slice(1).map((value) => ({ label: "In particular", value })),
  ...(view.waitsFor.length > 0 ? [{ label: "Waits for", value: view.waitsFor.join(", ") }] : []),
  ...(view.until === null ? [] : [{ label: "Until", value: instantText(view.until) }]),
  ...(view.total > 0 ? [{ label: "Done", value: `${view.done} of ${view.total}` }] : []),
  ...(view.closing?.detail ? [{ label: "In detail", value: view.closing.detail }] : []),
  ...(view.closing?.by ? [{ label: "By", value: view.closing.by }] : []),
];
