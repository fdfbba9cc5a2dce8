import { html } from "hono/html";
import { durationText, type Html } from "./format.ts";
import type { Fact, Form, Summary } from "./views.ts";

/** A list of labels and values. */
export const factList = (facts: readonly (Fact | { readonly label: string; readonly value: Html })[]): Html =>
  facts.length === 0
    ? html``
    : html`<dl>
        ${facts.map(({ label, value }) => {
          const [wide, shown] = isMany(value) ? ["wide", lines(value)] : ["", value];
          return html`<div class="${wide}">
            <dt>${label}</dt>
            <dd>${shown}</dd>
          </div>`;
        })}
      </dl>`;

const lines = (many: readonly string[]): Html => html`<ul>${many.map((one) => html`<li>${one}</li>`)}</ul>`; // prettier-ignore

const isMany = (value: unknown): value is readonly string[] => Array.isArray(value);

export const summaryFacts = (
  { role, scope, durationMs, ticket }: Summary,
  durationLabel = "Duration",
): readonly Fact[] => [
  { label: "Role", value: role },
  { label: "Scope", value: scope },
  { label: durationLabel, value: durationText(durationMs) },
  { label: "Ticket", value: ticket },
];

/** A form that says one thing: its only button names the choice. */
export const choiceForm = (form: Form, choice: string, label: string, style: "main" | "quiet" = "main"): Html =>
  html`<form method="post" action="${form.action}">
    ${hidden(form, choice)}<button class="${style}">${label}</button>
  </form>`;

/** What every form carries. */
export const hidden = (form: Form, choice: string): Html =>
  html`<input type="hidden" name="form" value="${form.token}" /><input
      type="hidden"
      name="choice"
      value="${choice}"
    />`;
