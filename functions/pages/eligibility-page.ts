import { html } from "hono/html";
import type { Html } from "./format.ts";
import { hidden } from "./parts.ts";
import type { EligibilityField, EligibilityPageView } from "./views.ts";

const ACTIONS = [
  ["add", "become eligible"],
  ["renew", "stay eligible"],
  ["remove", "not be eligible any more"],
] as const;

export const eligibilityPage = (view: EligibilityPageView): Html =>
  Object.keys(view.mistakes).length === 0
    ? html`<h1>Who may activate what</h1>
        <p class="soft">Nobody here holds a role by this: they may ask for one, with a ticket.</p>
        ${list(view)}
        <h2>Ask for a change</h2>
        ${form(view)}`
    : html`<h1>Ask for a change</h1>
        <p class="bad" role="alert">Nothing was asked for. Correct what is marked below.</p>
        ${form(view)}
        <h2>Who may activate what</h2>
        ${list(view)}`;

const form = (view: EligibilityPageView): Html => html`
  <form method="post" action="${view.form.action}">
    ${hidden(view.form, "ask")}
    <label for="action">What</label>
    <select id="action" name="action">
      ${ACTIONS.map(([value, label]) => option(value, label, view.typed.action))}
    </select>
    ${mistake(view, "action")}
    <label for="holder">Person (key of the people map, or object id of the account)</label>
    <input
      id="holder"
      name="holder"
      required
      maxlength="100"
      value="${view.typed.holder ?? ""}"
      ${mark(view, "holder")}
    />
    ${mistake(view, "holder")}
    <label for="role">Role</label>
    <select id="role" name="role" ${mark(view, "role")}>
      ${view.roles.map((role) => option(role, role, view.typed.role))}
    </select>
    ${mistake(view, "role")}
    <label for="scope">Directory scope (/ is the whole tenant)</label>
    <input id="scope" name="scope" maxlength="100" value="${view.typed.scope ?? "/"}" ${mark(view, "scope")} />
    ${mistake(view, "scope")}
    <label for="days">For how many days (at most ${view.longestDays})</label>
    <input
      id="days"
      name="days"
      inputmode="numeric"
      maxlength="3"
      value="${view.typed.days ?? "180"}"
      ${mark(view, "days")}
    />
    ${mistake(view, "days")}
    <label for="because">Why (the second person reads it)</label>
    <textarea id="because" name="because" required minlength="5" maxlength="500" ${mark(view, "because")}>
${view.typed.because ?? ""}</textarea>
    ${mistake(view, "because")}
    <p class="soft">
      You confirm it by the link in the mail that comes, with a fresh sign-in. Giving needs a second person.
    </p>
    <button>Ask</button>
  </form>
`;

const list = ({ rows }: EligibilityPageView): Html =>
  rows.length === 0
    ? html`<p>Nobody.</p>`
    : html`<table class="cards">
        <thead>
          <tr>
            <th scope="col">Role</th>
            <th scope="col">Holder</th>
            <th scope="col">Scope</th>
            <th scope="col">Until</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ role, holder, scope, until }) =>
              html`<tr>
                <th scope="row">${role}</th>
                <td>${holder}</td>
                <td>${scope}</td>
                <td>${until === null ? "no end" : `until ${until.slice(0, 10)}`}</td>
              </tr>`,
          )}
        </tbody>
      </table>`;

const option = (value: string, label: string, typed: string | undefined): Html =>
  html`<option value="${value}" ${value === typed ? "selected" : ""}>${label}</option>`;

/** Ties a field to what is wrong with it. */
const mark = ({ mistakes }: EligibilityPageView, field: EligibilityField): Html =>
  mistakes[field] === undefined ? html`` : html`aria-invalid="true" aria-describedby="${field}-mistake"`;

const mistake = ({ mistakes }: EligibilityPageView, field: EligibilityField): Html =>
  mistakes[field] === undefined ? html`` : html`<p class="mistake" id="${field}-mistake">${mistakes[field]}</p>`;
