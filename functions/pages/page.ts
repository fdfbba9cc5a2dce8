import { html, raw } from "hono/html";
import { assertNever } from "../../shared/domain/assert-never.ts";
import { eligibilityPage } from "./eligibility-page.ts";
import type { Html } from "./format.ts";
import { reviewPage } from "./review-page.ts";
import { activationPage, noticePage } from "./outcome-pages.ts";
import { changeDecisionPage, decisionPage, signInPage, startPage, stepUpPage } from "./request-pages.ts";
import { STYLESHEET } from "./stylesheet.ts";
import type { View } from "./views.ts";
import { visible } from "./visible-text.ts";

/** The whole page for a view: no script, one style under the nonce, hidden characters shown by their number. */
export async function renderPage(view: View, nonce: string): Promise<string> {
  const shown = visible(view);
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        ${refresh(shown)}
        <title>${titleOf(shown)} · Zero Standing</title>
        <style nonce="${nonce}">
          ${raw(STYLESHEET)}
        </style>
      </head>
      <body>
        <header><b>Zero</b> Standing</header>
        <main>${bodyOf(shown)}</main>
        <footer>Nobody holds a privileged role permanently. Every step here is recorded.</footer>
      </body>
    </html>`;
  return page.toString();
}

const refresh = (view: View): Html =>
  (view.kind === "activation" || view.kind === "notice") && view.refreshSeconds !== undefined
    ? html`<meta http-equiv="refresh" content="${view.refreshSeconds}" />`
    : html``;

function titleOf(view: View): string {
  switch (view.kind) {
    case "signIn":
    case "notice":
    case "changeDecision":
    case "review":
      return view.title;
    case "eligibility":
      return "Eligibility";
    case "activation":
      return `${view.status}: ${view.summary.role}`;
    case "stepUp":
      return `Confirm: ${view.summary.role}`;
    case "start":
      return `Start: ${view.summary.role}`;
    case "decision":
      return `Decide: ${view.summary.role}`;
  }
}

function bodyOf(view: View): Html {
  switch (view.kind) {
    case "stepUp":
      return stepUpPage(view);
    case "start":
      return startPage(view);
    case "signIn":
      return signInPage(view);
    case "decision":
      return decisionPage(view);
    case "activation":
      return activationPage(view);
    case "changeDecision":
      return changeDecisionPage(view);
    case "eligibility":
      return eligibilityPage(view);
    case "review":
      return reviewPage(view);
    case "notice":
      return noticePage(view);
    default:
      return assertNever(view);
  }
}
