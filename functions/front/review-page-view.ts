import type { HttpResponseInit } from "@azure/functions";
import type { ChangeApprover } from "../../shared/domain/change.ts";
import { HOUR_MS } from "../../shared/domain/time.ts";
import { instantText } from "../pages/format.ts";
import type { ReviewedRole, ReviewPageView, ReviewRow, Tone } from "../pages/views.ts";
import { show } from "./answers.ts";
import { makeForm } from "./form-token.ts";
import type { Front } from "./front.ts";
import { answeredOf, shownDigestOf, type OpenedReview, type OwnReview } from "./own-reviews.ts";
import { rowsOf, type Wanted } from "./review-rows.ts";
import { standingOf, type Standing } from "./review-standing.ts";

const ROWS_ON_A_PAGE = 25;
/** A working day: who looks up 25 persons is called away in between. */
const FORM_LIFETIME_MS = 10 * HOUR_MS;

const SHARES: Readonly<Record<NonNullable<ChangeApprover["answersFor"]>, string>> = {
  ownPeople: "You answer for the people whose manager you are.",
  others: "You answer for those who have no manager who can be asked.",
  both: "You answer for the people whose manager you are, and for those who have no manager who can be asked.",
};
const STANDS_IN = "Nobody answered in time: you stand in for the reviewers.";

/** `missing`: rows that somebody wants to keep without saying why, which is shown as it was chosen. */
export async function showReviewPage(
  front: Front,
  { path, viewer, record }: OpenedReview,
  reviews: readonly OwnReview[],
  asked: { readonly page: number; readonly said?: string; readonly missing?: ReadonlySet<string> },
): Promise<HttpResponseInit> {
  const standings = await Promise.all(reviews.map((review) => standingOf(front, review)));
  const places = placesOf(reviews.filter(({ isOpen }) => isOpen));
  const total = places.reduce((sum, { review }) => sum + review.total, 0);
  const pages = Math.max(1, Math.ceil(total / ROWS_ON_A_PAGE));
  const page = Math.min(asked.page, pages);
  const standingAt = (review: OwnReview): Standing => standings[reviews.indexOf(review)] ?? { kind: "nothing" };
  const roles = places.map((place) => roleOf(place, standingAt(place.review)));
  const first = (page - 1) * ROWS_ON_A_PAGE;
  const groups = places.map(async ({ review, before }, index) => {
    const wanted = wantedOf(review, first - before, ROWS_ON_A_PAGE);
    const role = roles[index];
    if (!role || !wanted) return [];
    const rows = await rowsOf(front, viewer, review, wanted);
    return [{ role, rows: rows.map((row) => (asked.missing?.has(row.key) ? unreasoned(row) : row)) }];
  });
  const open = places.map(({ review }) => review);
  return show(front, 200, {
    kind: "review",
    title: "Access review",
    text: textOf(open),
    said: asked.said ?? "",
    signed: signedText(open, standingAt),
    until: untilOf(open) ?? record.change.askedAt,
    page,
    pages,
    answered: open.reduce((sum, review) => sum + answeredOf(review), 0),
    total: open.reduce((sum, { toAnswer }) => sum + toAnswer, 0),
    roles,
    late: reviews.filter((review) => standingAt(review).kind === "late").map(({ role }) => role),
    groups: (await Promise.all(groups)).flat(),
    form: makeForm(front, path, viewer, shownDigestOf(reviews), FORM_LIFETIME_MS),
  });
}

interface Place {
  readonly review: OwnReview;
  /** Rows of the roles before it. */
  readonly before: number;
}

const placesOf = (open: readonly OwnReview[]): readonly Place[] =>
  open.map((review, index) => ({ review, before: open.slice(0, index).reduce((sum, { total }) => sum + total, 0) }));

/** Of the rows of a review those of one page, which begins so many rows after its first; `undefined`: none. */
function wantedOf({ numbers, total }: OwnReview, from: number, count: number): Wanted | undefined {
  const [first, end] = [Math.max(0, from), Math.min(total, from + count)];
  if (first >= end) return undefined;
  return numbers?.slice(first, end) ?? { first: first + 1, count: end - first };
}

const unreasoned = (row: ReviewRow): ReviewRow => ({
  ...row,
  answer: { choice: "keep", reason: "" },
  lacksReason: true,
});

function roleOf({ review, before }: Place, standing: Standing): ReviewedRole {
  const { key, role, toAnswer: total, asked } = review;
  const share = asked.answersFor ? SHARES[asked.answersFor] : asked.backup ? STANDS_IN : "";
  const page = Math.floor(before / ROWS_ON_A_PAGE) + 1;
  const [text, tone] = standingText(standing);
  return { key, role, share, answered: answeredOf(review), total, standing: text, tone, page };
}

function standingText(standing: Standing): readonly [string, Tone] {
  switch (standing.kind) {
    case "nothing":
      return ["", "calm"];
    case "signed":
      return ["signed", "good"];
    case "late":
      return ["over", "bad"];
    case "changed":
    case "unsigned":
      if (standing.isSent) return ["being checked", "calm"];
      return [standing.kind === "changed" ? "changed since you signed" : "not signed yet", "waiting"];
  }
}

/** The last sign-in, where it covers everything that is answered; else what it leaves out shows at each role. */
function signedText(open: readonly OwnReview[], standingAt: (review: OwnReview) => Standing): string {
  const signed = open.map(standingAt).filter(({ kind }) => kind !== "nothing");
  const at = signed
    .flatMap((one) => ("at" in one ? [one.at] : []))
    .toSorted()
    .at(-1);
  if (at === undefined) return "";
  return signed.every(({ kind }) => kind === "signed")
    ? `You signed on ${instantText(at)}. What you change counts once you sign again.`
    : `You signed last on ${instantText(at)}; not everything below is signed. Sign again for the rest to count.`;
}

const untilOf = ([first]: readonly OwnReview[]): ReviewPageView["until"] | undefined =>
  first?.frozen.body.kind === "review" ? first.frozen.body.until : undefined;

/** What follows where nobody answers is the same in every review of a campaign. */
const textOf = ([first]: readonly OwnReview[]): string =>
  ["Who still needs to be eligible for which role?", first?.frozen.words[1] ?? ""].join(" ").trim();
