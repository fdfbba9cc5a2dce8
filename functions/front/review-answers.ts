import type { KeptAnswer, ReviewAnswer } from "../../shared/domain/review.ts";
import type { ReviewRow } from "../pages/views.ts";
import type { PostedForm } from "./form-token.ts";
import type { Front } from "./front.ts";
import type { OwnReview } from "./own-reviews.ts";
import { rowsOf } from "./review-rows.ts";
import type { Viewer } from "./session.ts";

const LONGEST_REASON = 300;
/** A page has 25 rows. */
const MOST_ROWS = 50;
/** What one press of "the rest of this role" answers: every answer looks for the use that somebody made of the role. */
const MOST_AT_ONCE = 100;
const STRETCH = 25;

/** What was posted for one review. */
export interface PostedAnswers {
  readonly review: OwnReview;
  readonly answers: Readonly<Record<string, KeptAnswer>>;
  /** Rows that are to be kept without the reason that this needs. */
  readonly missing: readonly ReviewRow[];
}

/**
 * What the rows that were posted say, whatever page they would be on by now; a recommendation fills what was left open, if
 * that was asked for. `late`: some belongs to no review that is open; `changed`: some is about whom the page does not show any more.
 */
export async function readAnswers(
  front: Front,
  viewer: Viewer,
  { fields, choice }: PostedForm,
  open: readonly OwnReview[],
): Promise<{ readonly posted: readonly PostedAnswers[]; readonly late: boolean; readonly changed: boolean }> {
  const rows = Object.keys(fields)
    .flatMap((name) => {
      const [, row, key, n] = /^r(([0-9a-f]{32}-\d{1,5})-([1-9]\d{0,8})-[0-9a-f]{32})$/.exec(name) ?? [];
      return row === undefined ? [] : [{ row, key, n: Number(n) }];
    })
    .slice(0, MOST_ROWS);
  const byReview = Map.groupBy(rows, ({ key }) => open.find((review) => review.key === key));
  const isChosen = ({ row }: (typeof rows)[number]): boolean => choiceOf(fields[`c${row}`]) !== undefined;
  const late = (byReview.get(undefined) ?? []).some(isChosen);
  const read = await Promise.all(
    [...byReview].map(async ([review, some]) => {
      if (!review) return [];
      const found = await rowsOf(front, viewer, review, numbersIn(review, some));
      const changed = some.some((one) => isChosen(one) && !found.some(({ key }) => key === one.row));
      return [{ posted: answersIn(found, review, { fields, choice }), changed }];
    }),
  );
  return { posted: read.flat().map(({ posted }) => posted), late, changed: read.flat().some((one) => one.changed) };
}

const numbersIn = ({ numbers, total }: OwnReview, rows: readonly { readonly n: number }[]): readonly number[] =>
  rows.map(({ n }) => n).filter((n) => (numbers ? numbers.includes(n) : n <= total));

function answersIn(
  rows: readonly ReviewRow[],
  review: OwnReview,
  { fields, choice }: Pick<PostedForm, "fields" | "choice">,
): PostedAnswers {
  const answers: Record<string, KeptAnswer> = {};
  const missing: ReviewRow[] = [];
  for (const row of rows) {
    const { key, n, about, recommendation, activations, answer, own } = row;
    if (own !== "" || !(`r${key}` in fields)) continue; // somebody else stood there when the page was shown
    const chosen = choiceOf(fields[`c${key}`]) ?? (choice === "follow" && !answer ? recommendation : undefined);
    if (!chosen) continue;
    const reason = (fields[`r${key}`] ?? "")
      .replaceAll(/[\p{C}\s]+/gu, " ")
      .trim()
      .slice(0, LONGEST_REASON);
    if (chosen === "keep" && activations === 0 && reason === "") missing.push(row);
    else answers[n] = { choice: chosen, reason, about };
  }
  return { review, answers, missing };
}

const choiceOf = (text: string | undefined): ReviewAnswer["choice"] | undefined =>
  text === "keep" || text === "shorten" || text === "remove" ? text : undefined;

/** The recommendation for everybody of the review who has no answer yet; `more`: not everybody was got to. */
export async function followRest(
  front: Front,
  viewer: Viewer,
  review: OwnReview,
): Promise<{ readonly answers: Readonly<Record<string, KeptAnswer>>; readonly more: boolean }> {
  const all = review.numbers ?? Array.from({ length: review.total }, (_, index) => index + 1);
  const left = all.filter((n) => !(n in review.sheet));
  const answers: Record<string, KeptAnswer> = {};
  let next = 0;
  for (; next < left.length && Object.keys(answers).length < MOST_AT_ONCE; next += STRETCH)
    for (const { n, about, own, recommendation } of await rowsOf(
      front,
      viewer,
      review,
      left.slice(next, next + STRETCH),
    ))
      if (own === "") answers[n] = { choice: recommendation, reason: "", about };
  return { answers, more: next < left.length };
}
