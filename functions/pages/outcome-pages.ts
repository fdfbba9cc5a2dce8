import { html } from "hono/html";
import { time, type Html } from "./format.ts";
import { choiceForm, factList, summaryFacts } from "./parts.ts";
import type { ActivationPageView, NoticeView } from "./views.ts";

export const activationPage = (view: ActivationPageView): Html => html`
  <p class="tag ${view.tone}">${view.status}</p>
  <h1>${view.summary.role} for ${view.person.name}</h1>
  <p>${view.text}</p>
  ${view.next ? html`<p><a class="button" href="${view.next.href}">${view.next.label}</a></p>` : ""}
  ${factList([
    ...view.facts,
    ...summaryFacts(view.summary, "Asked for"),
    { label: "Account", value: html`<code>${view.person.account}</code>` },
  ])}
  ${
    view.tokensUntil === undefined
      ? ""
      : html`<p class="soft">
          Tokens issued before the end may carry the role for up to 90 minutes more: until ${time(view.tokensUntil)} at
          the latest.
        </p>`
  }
  <h2>What happened</h2>
  <ol>
    ${view.timeline.map(({ at, text }) => html`<li>${time(at)}: ${text}</li>`)}
  </ol>
  ${
    view.stop
      ? html`<div class="actions">
          ${choiceForm(view.stop.form, view.stop.how, STOP_LABEL[view.stop.how], "quiet")}
        </div>`
      : ""
  }
`;

const STOP_LABEL = { end: "End the access now", withdraw: "Withdraw the request" };

/** What stops something is never the first thing to press. */
const QUIET: readonly NonNullable<NoticeView["choice"]>["name"][] = ["disown", "withdraw"];

export const noticePage = ({ title, text, tone, facts, link, choice }: NoticeView): Html => html`
  <h1 class="${tone}">${title}</h1>
  <p>${text}</p>
  ${facts ? factList(facts) : ""}
  ${
    link || choice
      ? html`<div class="actions">
          ${link ? html`<a class="button" href="${link.href}">${link.label}</a>` : ""}
          ${choice ? choiceForm(choice.form, choice.name, choice.label, QUIET.includes(choice.name) ? "quiet" : "main") : ""}
        </div>`
      : ""
  }
`;
