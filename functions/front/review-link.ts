import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { redirectAnswer } from "../http/page-answer.ts";
import { show } from "./answers.ts";
import { postedForm, type PostedForm } from "./form-token.ts";
import type { Front } from "./front.ts";
import { NOTICES } from "./notices.ts";
import { ownReviews, shownDigestOf, type OpenedReview, type OwnReview } from "./own-reviews.ts";
import { followRest, readAnswers, type PostedAnswers } from "./review-answers.ts";
import { showReviewPage } from "./review-page-view.ts";
import { showReceipt } from "./review-receipt.ts";
import { signReviews } from "./review-signing.ts";
import { signInToView } from "./sign-in-attempt.ts";

export const MOST_REVIEW_BYTES = 131_072;

/**
 * The page of a reviewer: everybody they answer for in the campaign, role by role, with the use that was made of each role.
 * What is answered is kept as it goes; it counts once it is signed, and may be signed anew until the deadline.
 *
 * @param over where the link leads once nothing is asked any more
 */
export async function openReviewLink(
  front: Front,
  request: HttpRequest,
  opened: OpenedReview,
  over: string,
): Promise<HttpResponseInit> {
  const reviews = await ownReviews(front, opened);
  const open = reviews.filter(({ isOpen }) => isOpen);
  if (request.method !== "POST" && request.query.has("signed")) return showReceipt(front, opened, reviews);
  if (open.length === 0) return request.method === "POST" ? isOver(front, over) : redirectAnswer(over, []);
  const { path, viewer } = opened;
  if (request.method !== "POST")
    return showReviewPage(front, opened, reviews, { page: pageOf(request.query.get("page")) });
  const posted = await postedForm(front, request, path, viewer, MOST_REVIEW_BYTES);
  return posted ? answer(front, opened, reviews, posted) : show(front, 403, NOTICES.badForm);
}

/**
 * Answers that come when the session of the reviewer is over: a page of them takes time. They are kept, which counts for
 * nothing before a sign-in; nothing is shown before one.
 */
export async function keepLateAnswers(
  front: Front,
  opened: OpenedReview,
  form: PostedForm,
  over: string,
): Promise<HttpResponseInit> {
  const reviews = await ownReviews(front, opened);
  const open = reviews.filter(({ isOpen }) => isOpen);
  if (open.length === 0) return isOver(front, over);
  const { posted, late, changed } = await readAnswers(front, opened.viewer, form, open);
  const kept = await keepAnswers(front, reviews, posted);
  const isWhole = !late && !changed && posted.every(({ missing }) => missing.length === 0);
  if (form.choice === "sign" && isWhole && form.shown === shownDigestOf(reviews))
    return signReviews(front, opened, kept);
  return signInToView(front, `${opened.path}?page=${turnedTo(form, pageOf(form.fields["page"]))}`);
}

const isOver = (front: Front, over: string): Promise<HttpResponseInit> =>
  show(front, 410, { ...NOTICES.reviewOver, link: { href: over, label: "Open the record" } });

const pageOf = (text: string | null | undefined): number => (/^[1-9]\d{0,4}$/.test(text ?? "") ? Number(text) : 1);

/** Where a button of the page leads to: another page, or the same. */
function turnedTo({ choice }: PostedForm, page: number): number {
  if (choice === "next") return page + 1;
  return choice.startsWith("page-") ? pageOf(choice.slice("page-".length)) : page;
}

async function answer(
  front: Front,
  opened: OpenedReview,
  reviews: readonly OwnReview[],
  form: PostedForm,
): Promise<HttpResponseInit> {
  const open = reviews.filter(({ isOpen }) => isOpen);
  const { posted, late, changed } = await readAnswers(front, opened.viewer, form, open);
  const kept = await keepAnswers(front, reviews, posted);
  const page = pageOf(form.fields["page"]);
  const missing = posted.flatMap((one) => one.missing);
  if (missing.length > 0) {
    const names = missing.map(({ holder }) => holder).join(", ");
    const said = `Not kept, because a reason is missing for keeping what was never used: ${names}.`;
    return showReviewPage(front, opened, kept, { page, said, missing: new Set(missing.map(({ key }) => key)) });
  }
  if (late) return showReviewPage(front, opened, kept, { page, said: LATE });
  if (changed) return showReviewPage(front, opened, kept, { page, said: SOMEBODY_ELSE });
  if (form.choice === "sign" && form.shown !== shownDigestOf(reviews))
    return showReviewPage(front, opened, kept, { page, said: CHANGED });
  if (form.choice === "sign") return signReviews(front, opened, kept);
  const rest = kept.find(({ key, isOpen }) => isOpen && form.choice === `rest-${key}`);
  if (rest) return answerRest(front, opened, kept, rest, page);
  return showReviewPage(front, opened, kept, { page: turnedTo(form, page), said: KEPT });
}

const KEPT = "Kept. It counts once you sign it.";
const CHANGED =
  "Kept. What is answered was changed since this page was shown, in another window perhaps: look at it before you sign.";
const SOMEBODY_ELSE =
  "Not everything was kept: somebody else stands here than when this page was shown. Look at it before you answer.";
const LATE = "Not everything was kept: a role on this page takes no answers any more. The others were kept.";

async function answerRest(
  front: Front,
  opened: OpenedReview,
  reviews: readonly OwnReview[],
  review: OwnReview,
  page: number,
): Promise<HttpResponseInit> {
  const { answers, more } = await followRest(front, opened.viewer, review);
  const kept = await keepAnswers(front, reviews, [{ review, answers, missing: [] }]);
  const count = Object.keys(answers).length;
  const what = `Kept: the recommendation for ${count} more in ${review.role}.`;
  const said = more ? `${what} Press again for those who are left.` : `${what} It counts once you sign it.`;
  return showReviewPage(front, opened, kept, { page, said });
}

/** Answers the reviews with what they have now. */
async function keepAnswers(
  front: Front,
  reviews: readonly OwnReview[],
  posted: readonly PostedAnswers[],
): Promise<readonly OwnReview[]> {
  return Promise.all(
    reviews.map(async (review) => {
      const answers = posted.find((one) => one.review.key === review.key)?.answers ?? {};
      if (Object.keys(answers).length === 0) return review;
      const sheet = { ...review.sheet, ...answers };
      await front.changes.keepAnswers(review.id, review.asked.slot, sheet);
      return { ...review, sheet };
    }),
  );
}
