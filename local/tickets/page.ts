import type { Context } from "hono";
import { html } from "hono/html";

/** A finished fragment of a page; everything put into it through `html` is escaped. */
export type Fragment = ReturnType<typeof html>;

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1b1b1f}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}
form{display:grid;grid-template-columns:12rem 1fr;gap:.5rem;max-width:40rem;margin:1rem 0}
input,select,textarea,button{font:inherit;padding:.3rem}button{grid-column:2;justify-self:start}
pre{white-space:pre-wrap;background:#f5f5f7;padding:.6rem;margin:.4rem 0}small{color:#666}`;

/** Answers a whole page that runs no script, loads nothing and posts only to its own server. */
export function page(
  c: Context,
  title: string,
  body: Fragment,
  status: 200 | 400 | 404 = 200,
): Response | Promise<Response> {
  c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'");
  c.header("cache-control", "no-store");
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <title>${title}</title>
          <style>
            ${STYLE}
          </style>
        </head>
        <body>
          <h1>${title}</h1>
          ${body}
        </body>
      </html>`,
    status,
  );
}

export const selectBox = (
  name: string,
  options: Readonly<Record<string, string>>,
  chosen: string | undefined,
): Fragment =>
  html`<select name="${name}" id="${name}">
    ${Object.entries(options).map(
      ([value, text]) => html`<option value="${value}" ${value === chosen ? "selected" : ""}>${text}</option>`,
    )}
  </select>`;

export const textField = (name: string, value: string): Fragment =>
  html`<input name="${name}" id="${name}" value="${value}" />`;

export const labelled = (name: string, text: string, control: Fragment): Fragment =>
  html`<label for="${name}">${text}</label>${control}`;
