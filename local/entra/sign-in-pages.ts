import { html } from "hono/html";
import { alert, page, type Html, type Problem } from "./pages.ts";
import type { Person } from "./people.ts";

/** What the pages of one sign-in have in common: where their forms go and which application asked. */
export interface SignInPage {
  readonly action: string;
  readonly application: string;
  readonly problem?: Problem | undefined;
}

/** First step: who are you? One button a person, or the user name typed. */
export const accountPage = (view: SignInPage, people: readonly Person[], suggested: string): Html =>
  page(
    "Sign in",
    html`${alert(view.problem)}
      <p>to continue to ${view.application}</p>
      <form method="post" action="${view.action}/account" data-step="typed-account">
        <label>User name <input name="userName" value="${suggested}" autocomplete="username" autofocus /></label>
        <button type="submit">Next</button>
      </form>
      ${cancelForm(view)}
      <form method="post" action="${view.action}/account" data-step="account">
        <h2>Or pick an account</h2>
        ${people.map(
          ({ account }) =>
            html`<button class="other" type="submit" name="userName" value="${account.userName}">
              ${account.displayName}<br /><small>${account.userName}</small>
            </button>`,
        )}
      </form>`,
  );

/** Second step: the request that the person's phone shows. */
export const approvalPage = (view: SignInPage, person: Person, contexts: readonly string[]): Html =>
  page(
    "Approve sign-in on your phone",
    html`${alert(view.problem)}
      <p>${person.account.displayName} (${person.account.userName})</p>
      <p>${view.application} asks for multifactor authentication (authentication context ${contexts.join(", ")}).</p>
      <form method="post" action="${view.action}/approval" data-step="approval">
        <button type="submit" name="answer" value="approve">Approve</button>
        <button class="other" type="submit" name="answer" value="deny">Deny</button>
      </form>
      ${cancelForm(view)}`,
  );

const cancelForm = ({ action }: SignInPage): Html =>
  html`<form method="post" action="${action}/cancel" data-step="cancel">
    <button class="other" type="submit">Cancel</button>
  </form>`;
