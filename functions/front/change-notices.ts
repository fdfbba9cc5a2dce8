import type { ChangeView } from "../../shared/contracts/change.ts";
import { GAINS } from "../../shared/domain/policy-gain.ts";
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

export const statusText = (status: ChangeView["status"]): string => TITLE[status];

/** What it waits for, for whoever wonders why nothing happens. */
const NEXT: Readonly<Partial<Record<ChangeView["status"], string>>> = {
  AwaitingConfirmation: "Who asked confirms it by the link in the mail that was sent, with a fresh sign-in.",
  AwaitingApproval: "One of them agrees or denies by the link in the mail, with a fresh sign-in.",
  AwaitingReview: "Each answers by the link in the mail. Answers count once they are signed.",
};

/** Where a change stands, in words. `isSent`: a sign-in for it was sent and is not recorded yet. */
export const changeNotice = (view: ChangeView, isSent: boolean): NoticeView => ({
  kind: "notice",
  title: TITLE[view.status],
  text:
    view.closing && view.closing.text !== ""
      ? view.closing.text
      : (view.words[0] ?? "What was asked for is being checked."),
  tone: TONE[view.status],
  facts: [...whatIsAsked(view), ...howFar(view, isSent)],
  refreshSeconds: isSent || view.status === "Requested" || view.status === "Working" ? LOOK_AGAIN_SECONDS : undefined,
});

const LOOK_AGAIN_SECONDS = 3;

/** What somebody decides about. */
export function whatIsAsked({ askedBy, askedAt, because, words }: ChangeView): readonly Fact[] {
  const lines = words.slice(1);
  const gains = lines.filter((line) => line.startsWith(GAINS));
  const others = lines.filter((line) => !line.startsWith(GAINS));
  return [
    { label: "Asked by", value: `${askedBy}, on ${instantText(askedAt)}` },
    { label: "Why", value: because },
    ...(gains.length === 0 ? [] : [{ label: "Who gains", value: gains.map((line) => line.slice(GAINS.length)) }]),
    ...(others.length === 0 ? [] : [{ label: "In particular", value: others }]),
  ];
}

const howFar = (view: ChangeView, isSent: boolean): readonly Fact[] => [
  ...(view.waitsFor.length > 0 ? [{ label: "Waits for", value: view.waitsFor.join(", ") }] : []),
  ...nextOf(view, isSent),
  ...(view.until === null ? [] : [{ label: "Until", value: instantText(view.until) }]),
  ...(view.total > 0 ? [{ label: "Done", value: `${view.done} of ${view.total}` }] : []),
  ...(view.closing?.detail ? [{ label: "In detail", value: view.closing.detail }] : []),
  ...(view.closing?.by ? [{ label: "By", value: view.closing.by }] : []),
];

function nextOf({ status }: ChangeView, isSent: boolean): readonly Fact[] {
  const value = isSent ? "What was signed just now is being checked." : NEXT[status];
  return value === undefined ? [] : [{ label: "Next", value }];
}
