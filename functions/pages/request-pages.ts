import { html } from "hono/html";
import { durationText, time, type Html } from "./format.ts";
import { choiceForm, factList, hidden, summaryFacts } from "./parts.ts";
import type { ChangeDecisionView, DecisionView, RequirementView, SignInView, StartView, StepUpView } from "./views.ts";

export const stepUpPage = ({ summary, door, until, changedFields, form }: StepUpView): Html => html`
  <h1>Did you ask for this role?</h1>
  <p>
    Somebody asks to activate <strong>${summary.role}</strong> on your account. ${door} If it was you, confirm it with a
    fresh sign-in of the admin account that is to hold the role. If not, say so: the request stops at once, and the
    identity team is told.
  </p>
  ${changed(changedFields)} ${factList([...summaryFacts(summary), { label: "Confirm until", value: time(until) }])}
  <div class="actions">
    ${choiceForm(form, "confirm", "I asked for this")} ${choiceForm(form, "disown", "I did not", "quiet")}
  </div>
`;

const changed = (fields: readonly string[]): Html =>
  fields.length === 0
    ? html``
    : html`<p class="waiting">
        The ticket changed after it was confirmed before (${fields.join(", ")}). Everybody is asked again.
      </p>`;

export const startPage = ({ summary, opensAt, lapsesAt, form }: StartView): Html => html`
  <h1>${form ? "Start your role" : "Your role is approved, but it is too early"}</h1>
  <p>
    Everything is approved. <strong>${summary.role}</strong> is granted when you start it with a fresh sign-in of the
    admin account that is to hold it; the time counts from then.
  </p>
  ${factList([
    ...summaryFacts(summary),
    { label: "Start from", value: time(opensAt) },
    { label: "Start before", value: time(lapsesAt) },
  ])}
  ${form ? html`<div class="actions">${choiceForm(form, "start", "Sign in and start")}</div>` : ""}
`;

export const signInPage = ({ title, text, summary, button, form }: SignInView): Html => html`
  <h1>${title}</h1>
  <p>${text}</p>
  ${summary ? factList(summaryFacts(summary)) : ""}
  <div class="actions">${choiceForm(form, "signIn", button)}</div>
`;

export const decisionPage = (view: DecisionView): Html => html`
  <h1>${view.requester.name} asks for ${view.summary.role}</h1>
  <blockquote>${view.justification}</blockquote>
  ${factList([
    { label: "Person", value: view.requester.name },
    { label: "Account", value: html`<code>${view.requester.account}</code>` },
    ...summaryFacts(view.summary),
    { label: "Asked on", value: time(view.requestedAt) },
    { label: view.asked === "decision" ? "Decide until" : "Deny until", value: time(view.until) },
  ])}
  <h2>What the ticket says</h2>
  ${changes(view)} ${factList(view.evidence)}
  <h2>Who has to agree</h2>
  <ul>
    ${view.requirements.map((one) => html`<li>${requirement(one)}</li>`)}
  </ul>
  ${view.backups.length === 0 ? "" : html`<p class="soft">Asked if nobody answers: ${view.backups.join(", ")}.</p>`}
  <h2>Your decision</h2>
  ${
    view.asked === "decision"
      ? ""
      : html`<p>
          This request is approved so far. Until the role is granted you can still deny it: a denial beats every
          approval.
        </p>`
  }
  <p class="soft">You sign in afresh: the sign-in itself is your signature under exactly this decision.</p>
  ${view.asked === "decision" ? approveForm(view) : ""} ${denyForm(view)}
`;

const changes = ({ changes: list }: DecisionView): Html =>
  list.length === 0
    ? html``
    : html`<p class="waiting">The ticket changed after people had decided; everybody is asked again.</p>
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">Now</th>
            </tr>
          </thead>
          <tbody>
            ${list.map(
              ({ field, before, after }) =>
                html`<tr>
                  <th scope="row">${field}</th>
                  <td><del>${before}</del></td>
                  <td><ins>${after}</ins></td>
                </tr>`,
            )}
          </tbody>
        </table>`;

const requirement = ({ name, count, approved, others }: RequirementView): Html => html`
  <strong>${name}</strong>: ${count} of ${approved.length + others.length}.
  ${approved.length === 0 ? "Nobody agreed yet." : html`<span class="good">Agreed: ${approved.join(", ")}.</span>`}
  ${others.length === 0 ? "" : html`<span class="soft">Asked: ${others.join(", ")}.</span>`}
`;

const approveForm = ({ form, shorterMs, summary }: DecisionView): Html => html`
  <form method="post" action="${form.action}">
    <fieldset>
      <legend>Approve</legend>
      ${hidden(form, "approve")}
      <label for="duration">For how long</label>
      <select id="duration" name="duration">
        <option value="">as asked: ${durationText(summary.durationMs)}</option>
        ${shorterMs.map((ms) => html`<option value="${ms}">less: ${durationText(ms)}</option>`)}
      </select>
      <button>Approve</button>
    </fieldset>
  </form>
`;

export const changeDecisionPage = ({ asked, title, text, facts, form }: ChangeDecisionView): Html => html`
  <h1>${title}</h1>
  <p>${text}</p>
  ${factList(facts)}
  <p class="soft">You sign in afresh: the sign-in itself is your signature under exactly this.</p>
  ${
    asked === "confirmation"
      ? html`<p class="soft">
            If you did not ask for it, do nothing here: it expires without you. Tell the identity team.
          </p>
          <div class="actions">${choiceForm(form, "confirm", "I asked for this")}</div>`
      : html`<div class="actions">${choiceForm(form, "approve", "Approve")}</div>
          ${denyForm({ form })}`
  }
`;

const denyForm = ({ form }: Pick<DecisionView, "form">): Html => html`
  <form method="post" action="${form.action}">
    <fieldset>
      <legend>Deny</legend>
      ${hidden(form, "deny")}
      <label for="reason">Why (the requester reads it)</label>
      <textarea id="reason" name="reason" required maxlength="500"></textarea>
      <button class="quiet">Deny</button>
    </fieldset>
  </form>
`;
