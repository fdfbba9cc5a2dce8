import { html } from "hono/html";

/** Of pages with such tables. */
export const TABLE_STYLE = `
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #d0d7de; vertical-align: top; }
tr { break-inside: avoid; }
`;

/** A table of text, escaped; one that is too wide for a phone moves by itself. */
export const htmlTable = (label: string, heading: readonly string[], body: readonly (readonly string[])[]) =>
  html`<div class="wide" role="region" aria-label="${label}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${heading.map((text) => html`<th scope="col">${text}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${body.map(
          (cells) =>
            html`<tr>
              ${cells.map((text) => html`<td>${text}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
