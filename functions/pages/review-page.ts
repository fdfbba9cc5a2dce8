import { html } from "hono/html";
import { instantText, type Html } from "./format.ts";
import type { ReviewedRole, ReviewPageView, ReviewRow } from "./views.ts";

const CHOICES = [
  ["keep", "keep"],
  ["shorten", "shorten to 30 days"],
  ["remove", "remove"],
] as const;

/** The first button is what the Enter key presses: it decides nothing for anybody. */
export const reviewPage = (view: ReviewPageView): Html => html`
  <h1>${view.title}</h1>
  <p>${view.text} Answer until ${instantText(view.until)}.</p>
  ${view.said === "" ? "" : html`<p class="waiting" role="status">${view.said}</p>`}
  ${
    view.late.length === 0
      ? ""
      : html`<p class="bad">Over before you signed, so that your answers do not count: ${view.late.join(", ")}.</p>`
  }
  <p>
    ${view.answered} of ${view.total} answered.
    ${view.signed === "" ? "What you answer is kept as you go; it counts once you sign it." : html`<span class="good">${view.signed}</span>`}
  </p>
  <form method="post" action="${view.form.action}">
    <input type="hidden" name="form" value="${view.form.token}" />
    <input type="hidden" name="page" value="${view.page}" />
    <button name="choice" value="save" class="unseen" tabindex="-1" aria-hidden="true">Keep these answers</button>
    ${view.roles.length > 1 ? contents(view) : ""} ${view.groups.map(({ role, rows }) => groupHtml(role, rows))}
    <div class="actions">
      <button name="choice" value="save" class="plain">Keep these answers</button>
      <button name="choice" value="follow" class="plain">Follow the recommendation where I left it open</button>
      ${view.page < view.pages ? html`<button name="choice" value="next" class="plain">Keep and go on to page ${view.page + 1}</button>` : ""}
      <button name="choice" value="sign">Sign everything I answered</button>
    </div>
    ${view.pages > 1 ? pagesNav(view) : ""}
  </form>
`;

/** Whoever goes to another page keeps what is chosen on this one: a button, where a link would forget it. */
const contents = ({ roles, page, form }: ReviewPageView): Html => html`
  <nav aria-label="Roles">
    <ul>
      ${roles.map(
        (role) =>
          html`<li>
            ${
              role.page === page
                ? html`<a href="#role-${role.key}">${role.role}</a>`
                : html`<button
                    name="choice"
                    value="page-${role.page}"
                    class="link"
                    formaction="${form.action}#role-${role.key}"
                  >
                    ${role.role}
                  </button>`
            }:
            ${role.total === 0 ? "yours alone, somebody else answers" : `${role.answered} of ${role.total} answered`}${role.standing === "" ? "" : html`, <span class="${role.tone}">${role.standing}</span>`}
          </li>`,
      )}
    </ul>
  </nav>
`;

const groupHtml = (role: ReviewedRole, rows: readonly ReviewRow[]): Html => html`
  <h2 id="role-${role.key}">${role.role}</h2>
  ${role.share === "" ? "" : html`<p class="soft">${role.share}</p>`}
  <table class="cards even">
    <thead>
      <tr>
        <th scope="col">Person</th>
        <th scope="col">Use of this role</th>
        <th scope="col">Your answer</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => rowHtml(row, role.role))}
    </tbody>
  </table>
  ${
    role.total - role.answered > 1
      ? html`<p>
          <button name="choice" value="rest-${role.key}" class="plain small">
            Follow the recommendation for the rest of ${role.role}
          </button>
        </p>`
      : ""
  }
`;

const rowHtml = (row: ReviewRow, role: string): Html => html`
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
    <td>${row.own === "" ? answerFields(row, role) : html`<span class="soft">${OWN[row.own]}</span>`}</td>
  </tr>
`;

const OWN = {
  self: "Your own: somebody else answers.",
  group: "You are in this group: somebody else answers.",
} as const;

const answerFields = (row: ReviewRow, role: string): Html =>
  html`<fieldset>
    <legend class="soft">${row.holder} <span class="unseen">as ${role}</span></legend>
    ${CHOICES.map(
      ([value, label]) =>
        html`<label
          ><input type="radio" name="c${row.key}" value="${value}" ${row.answer?.choice === value ? "checked" : ""} />
          ${label}</label
        >`,
    )}
    <label
      >Why
      <input
        name="r${row.key}"
        maxlength="300"
        value="${row.answer?.reason ?? ""}"
        ${row.lacksReason ? html`aria-invalid="true" aria-describedby="r${row.key}-mistake"` : ""}
    /></label>
    ${row.lacksReason ? html`<p class="mistake" id="r${row.key}-mistake">Say why: this role was never used.</p>` : ""}
  </fieldset>`;

const useText = ({ activations, held, lastAt, tickets }: ReviewRow): string =>
  activations === 0
    ? "Never used in this period."
    : `${activations} ${activations === 1 ? "activation" : "activations"}, ${held}, last on ${lastAt?.slice(0, 10) ?? ""} (${tickets.join(", ")}).`;

const pagesNav = ({ pages, page }: ReviewPageView): Html => html`
  <nav aria-label="Pages">
    <p class="numbers">
      ${Array.from({ length: pages }, (_, index) => index + 1).map((n) =>
        n === page
          ? html`<strong aria-current="page">${n}</strong>`
          : html`<button name="choice" value="page-${n}" class="plain small" aria-label="Keep and go to page ${n}">
              ${n}
            </button>`,
      )}
    </p>
  </nav>
`;
