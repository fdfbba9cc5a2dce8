import { html } from "hono/html";
import { instantText, type Html } from "./format.ts";
import type { ReviewPageView, ReviewRow } from "./views.ts";

const CHOICES = [
  ["keep", "keep"],
  ["shorten", "shorten to 30 days"],
  ["remove", "remove"],
] as const;

export const reviewPage = (view: ReviewPageView): Html => html`
  <h1>${view.title}</h1>
  <p>${view.text} Answer until ${instantText(view.until)}.</p>
  ${view.said === "" ? "" : html`<p class="waiting" role="status">${view.said}</p>`}
  <p>
    ${view.answered} of ${view.total} answered.
    ${view.signed === "" ? "What you answer is kept as you go; it counts once you sign it." : html`<span class="good">${view.signed}</span>`}
  </p>
  <form method="post" action="${view.form.action}">
    <input type="hidden" name="form" value="${view.form.token}" />
    <input type="hidden" name="page" value="${view.page}" />
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Person</th>
          <th scope="col">Use of this role</th>
          <th scope="col">Your answer</th>
        </tr>
      </thead>
      <tbody>
        ${view.rows.map(rowHtml)}
      </tbody>
    </table>
    <div class="actions">
      <button name="choice" value="save" class="plain">Keep these answers</button>
      <button name="choice" value="follow" class="plain">Follow the recommendation where I left it open</button>
      ${view.page < view.pages ? html`<button name="choice" value="next" class="plain">Keep and go on to page ${view.page + 1}</button>` : ""}
      <button name="choice" value="sign">Sign everything I answered</button>
    </div>
  </form>
  ${view.pages > 1 ? pagesNav(view) : ""}
`;

const rowHtml = (row: ReviewRow): Html => html`
  <tr>
    <th scope="row">
      ${row.holder}<br /><span class="soft"
        >${row.scope}${row.since === null ? "" : `, since ${row.since.slice(0, 10)}`}</span
      >
    </th>
    <td>
      ${useText(row)}<br />${row.activations === 0 ? "" : html`Done in the directory: ${row.did}.<br />`}<span
        class="soft"
        >Recommended: ${row.recommendation}</span
      >
    </td>
    <td>
      ${
        row.isOwn
          ? html`<span class="soft">Your own: somebody else answers.</span>`
          : html`<fieldset>
              <legend class="soft">${row.holder}</legend>
              ${CHOICES.map(
                ([value, label]) =>
                  html`<label
                    ><input
                      type="radio"
                      name="c${row.n}"
                      value="${value}"
                      ${row.answer?.choice === value ? "checked" : ""}
                    />
                    ${label}</label
                  >`,
              )}
              <label
                >Why
                <input
                  name="r${row.n}"
                  maxlength="300"
                  value="${row.answer?.reason ?? ""}"
                  ${row.lacksReason ? html`aria-invalid="true" aria-describedby="r${row.n}-mistake"` : ""}
              /></label>
              ${
                row.lacksReason
                  ? html`<p class="mistake" id="r${row.n}-mistake">Say why: this role was never used.</p>`
                  : ""
              }
            </fieldset>`
      }
    </td>
  </tr>
`;

const useText = ({ activations, held, lastAt, tickets }: ReviewRow): string =>
  activations === 0
    ? "Never used in this period."
    : `${activations} ${activations === 1 ? "activation" : "activations"}, ${held}, last on ${lastAt?.slice(0, 10) ?? ""} (${tickets.join(", ")}).`;

const pagesNav = ({ pages, page, path }: ReviewPageView): Html => html`
  <nav aria-label="Pages">
    <p>
      ${Array.from({ length: pages }, (_, index) => index + 1).map((n) =>
        n === page ? html`<strong>${n}</strong> ` : html`<a href="${path}?page=${n}">${n}</a> `,
      )}
    </p>
  </nav>
`;
