import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { CampaignReport } from "../../shared/contracts/review.ts";
import { safeText, safeValue } from "../output/safe-text.ts";
import { utcText } from "../output/times.ts";
import { htmlTable, TABLE_STYLE } from "./html-table.ts";
import { table } from "../output/table.ts";

const HEADING = [
  "role",
  "holder",
  "principalId",
  "scope",
  "verdict",
  "by",
  "why",
  "done",
  "did",
  "readBackAt",
  "record",
] as const;

/** A status as people say it; one that is not known here stays as it is. */
export const statusText = (status: string): string => STATUS[status] ?? status;

const STATUS: Readonly<Partial<Record<string, string>>> = {
  Requested: "under way",
  AwaitingReview: "waits for its reviewers",
  Working: "being applied",
  Done: "done",
  Stopped: "stopped",
  Refused: "refused",
  Expired: "expired",
};

/** Reviewers, and who of them signed; a review that takes answers no more says who did not. */
function reviewersText({ status, reviewers }: CampaignReport["reviews"][number]): string {
  const isAsked = status === "Requested" || status === "AwaitingReview";
  return reviewers
    .map(({ name, signed }) => `${name}${signed ? " (signed)" : isAsked ? "" : " (did not answer)"}`)
    .join(", ");
}

/** The report in the terminal. */
export function reviewText(report: CampaignReport): readonly string[] {
  return [
    `Access review ${report.number + 1}: ${statusText(report.status)}, opened ${report.opensAt.slice(0, 10)}, answered until ${report.until.slice(0, 10)}`,
    "",
    ...table(
      ["ROLE", "STATUS", "DONE", "REVIEWERS"],
      report.reviews.map((review) =>
        [review.role, statusText(review.status), `${review.done} of ${review.total}`, reviewersText(review)].map(
          safeText,
        ),
      ),
    ),
    "",
    ...table(
      ["ROLE", "HOLDER", "VERDICT", "BY", "WHY", "DONE"],
      report.items.map(({ role, holder, verdict, by, why, done }) =>
        [role, holder, verdict === "" ? "open" : verdict, by, why, done ? "yes" : "no"].map(safeText),
      ),
    ),
  ];
}

/**
 * One line for every eligibility (RFC 4180). A spreadsheet reads none of it as a formula, also where it takes another
 * character than the comma to separate cells, as it does in many countries.
 */
export const reviewCsv = ({ items }: CampaignReport): string =>
  [HEADING.join(","), ...items.map((item) => HEADING.map((name) => cell(String(item[name]))).join(","))].join("\r\n") +
  "\r\n";

/** Where a cell may begin, and what makes it a formula there; the wide forms are for spreadsheets of East Asia. */
const FORMULA = /(^|[;,|\t\r\n])([\s"']*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

function cell(text: string): string {
  const plain = text.replace(/^[\t\r\n]/, "'$&").replaceAll(FORMULA, "$1$2'");
  return /[",;\t\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** One page that needs nothing else. */
export function reviewHtml(asStored: CampaignReport): string {
  const report = safeValue(asStored);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Access review ${report.number + 1}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <h1>Access review ${report.number + 1}: ${statusText(report.status)}</h1>
        <p>
          Opened ${utcText(report.opensAt)}, answered until ${utcText(report.until)}. Policy
          ${report.policyHash.slice(0, 12)}.
        </p>
        <h2>Roles</h2>
        ${htmlTable(
          "Roles",
          ["Role", "Status", "Done", "Population", "Reviewers"],
          report.reviews.map((review) => [
            review.role,
            statusText(review.status),
            `${review.done} of ${review.total}`,
            review.population.slice(0, 16),
            reviewersText(review),
          ]),
        )}
        <h2>Everybody</h2>
        ${htmlTable(
          "Everybody",
          ["Role", "Holder", "Scope", "Did with the role", "Verdict", "By", "Why", "Read back", "Record"],
          report.items.map(({ role, holder, scope, did, verdict, by, why, done, readBackAt, record }) => [
            role,
            holder,
            scope,
            did,
            verdict === "" ? "open" : verdict,
            by,
            why,
            done ? (readBackAt === "" ? "yes" : utcText(readBackAt)) : "no",
            record,
          ]),
        )}
      </body>
    </html>`;
  return `${(page as HtmlEscapedString).toString()}\n`;
}

const STYLE = `${TABLE_STYLE}
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
@media print { body { margin: 0; max-width: none; } }
`;
