import { html } from "hono/html";
import type { Html } from "./format.ts";
import { hidden } from "./parts.ts";
import type { EligibilityPageView } from "./views.ts";

export const eligibilityPage = (view: EligibilityPageView): Html => html`
  <h1>Who may activate what</h1>
  <p class="soft">Nobody here holds a role by this: they may ask for one, with a ticket.</p>
  ${
    view.rows.length === 0
      ? html`<p>Nobody.</p>`
      : html`<table>
          <thead>
            <tr>
              <th scope="col">Role</th>
              <th scope="col">Holder</th>
              <th scope="col">Scope</th>
              <th scope="col">Until</th>
            </tr>
          </thead>
          <tbody>
            ${view.rows.map(
              ({ role, holder, scope, until }) =>
                html`<tr>
                  <td>${role}</td>
                  <td>${holder}</td>
                  <td>${scope}</td>
                  <td>${until === null ? "no end" : until.slice(0, 10)}</td>
                </tr>`,
            )}
          </tbody>
        </table>`
  }
  <h2>Ask for a change</h2>
  <form method="post" action="${view.form.action}">
    ${hidden(view.form, "ask")}
    <label for="action">What</label>
    <select id="action" name="action">
      <option value="add">become eligible</option>
      <option value="renew">stay eligible</option>
      <option value="remove">not be eligible any more</option>
    </select>
    <label for="holder">Person (key of the people map, or object id of the account)</label>
    <input id="holder" name="holder" required maxlength="100" />
    <label for="role">Role</label>
    <select id="role" name="role">
      ${view.roles.map((role) => html`<option>${role}</option>`)}
    </select>
    <label for="scope">Directory scope</label>
    <input id="scope" name="scope" value="/" maxlength="100" />
    <label for="days">For how many days (at most ${view.longestDays})</label>
    <input id="days" name="days" inputmode="numeric" value="180" maxlength="3" />
    <label for="because">Why (the second person reads it)</label>
    <textarea id="because" name="because" required minlength="5" maxlength="500"></textarea>
    <button>Ask</button>
  </form>
  <p class="soft">
    You confirm it by the link in the mail that comes, with a fresh sign-in. Giving needs a second person.
  </p>
`;
