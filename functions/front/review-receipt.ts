import type { HttpResponseInit } from "@azure/functions";
import { instantText } from "../pages/format.ts";
import type { NoticeView } from "../pages/views.ts";
import { show } from "./answers.ts";
import type { Front } from "./front.ts";
import { answeredOf, type OpenedReview, type OwnReview } from "./own-reviews.ts";
import { standingOf, type Standing } from "./review-standing.ts";

const LOOK_AGAIN_SECONDS = 3;

/** What became of what was signed, role by role: nothing that does not count goes unsaid. */
export async function showReceipt(
  front: Front,
  { path, record }: OpenedReview,
  reviews: readonly OwnReview[],
): Promise<HttpResponseInit> {
  const standings = await Promise.all(reviews.map((review) => standingOf(front, review)));
  const isOpen = reviews.some((review) => review.isOpen);
  const link = isOpen
    ? { href: path, label: "Back to the page" }
    : { href: front.links.changePage(record.change.id), label: "Open the record" };
  return show(front, 200, {
    kind: "notice",
    ...summaryOf(standings, unansweredOf(reviews)),
    facts: reviews.flatMap((review, index) => {
      const standing = standings[index];
      return standing ? [{ label: review.role, value: lineOf(review, standing) }] : [];
    }),
    link,
  });
}

/** What the page still asks for and has no answer; no more than is known. */
const unansweredOf = (reviews: readonly OwnReview[]): number =>
  reviews
    .filter(({ isOpen }) => isOpen)
    .reduce((sum, review) => sum + Math.max(0, review.toAnswer - answeredOf(review)), 0);

function summaryOf(
  standings: readonly Standing[],
  unanswered: number,
): Pick<NoticeView, "title" | "text" | "tone" | "refreshSeconds"> {
  const answered = standings.filter(({ kind }) => kind !== "nothing");
  if (answered.some((one) => "isSent" in one && one.isSent))
    return {
      title: "Being checked",
      text: "What you signed just now is being checked.",
      tone: "calm",
      refreshSeconds: LOOK_AGAIN_SECONDS,
    };
  if (answered.length === 0) return { title: "Nothing is signed", text: "There are no answers of yours.", tone: "bad" };
  return answered.every(({ kind }) => kind === "signed")
    ? {
        title: "Signed",
        text: `Everything that you answered counts.${unanswered === 0 ? "" : ` On the page ${unanswered} more ${unanswered === 1 ? "waits" : "wait"} for an answer.`}`,
        tone: unanswered === 0 ? "good" : "waiting",
      }
    : {
        title: "Not everything is signed",
        text: "Some of your answers do not count: sign again on the page, where it can still be done.",
        tone: "bad",
      };
}

function lineOf(review: OwnReview, standing: Standing): string {
  const answered = `${answeredOf(review)} of ${review.toAnswer} answered`;
  switch (standing.kind) {
    case "nothing":
      return "nothing answered";
    case "signed":
      return `${answered}, signed on ${instantText(standing.at)}`;
    case "late":
      return standing.isSent
        ? `${answered}, being checked`
        : "its review was over before you signed: these answers do not count";
    case "changed":
    case "unsigned":
      if (standing.isSent) return `${answered}, being checked`;
      return standing.kind === "changed"
        ? `${answered}, changed since you signed: sign again`
        : `${answered}, not signed: sign again`;
  }
}
