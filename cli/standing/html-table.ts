import { html } from "hono/html";

/** A table of text, escaped. */
export const htmlTable = (heading: readonly string[], body: readonly (readonly string[])[]) =>
  html`<table>
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
  </table>`;
