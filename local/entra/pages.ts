import { html } from "hono/html";

export type Html = ReturnType<typeof html>;

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #eef1f5; color: #1b1b1b; }
  main { max-width: 40rem; margin: 3rem auto; padding: 2rem; background: #fff; box-shadow: 0 2px 8px #0003; }
  header { background: #5c2d00; color: #fff; padding: .4rem 1rem; font-size: .85rem; }
  h1 { font-size: 1.4rem; margin-top: 0; }
  button { font: inherit; padding: .5rem 1rem; margin: .25rem .5rem .25rem 0; cursor: pointer; border: 1px solid #0067b8; background: #0067b8; color: #fff; }
  form[data-step=account] { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .25rem; }
  form[data-step=account] h2 { grid-column: 1 / -1; margin-bottom: .25rem; }
  form[data-step=account] button { margin: 0; padding: .25rem .5rem; overflow-wrap: anywhere; }
  button.other { background: #fff; color: #1b1b1b; border-color: #8a8a8a; }
  input, select { font: inherit; padding: .4rem; width: 100%; box-sizing: border-box; margin: .25rem 0 1rem; }
  [role=alert] { border-left: 4px solid #c50f1f; padding: .25rem .75rem; background: #fdf3f4; }
  code { font-size: 1.5rem; letter-spacing: .1em; }
`;

/** A page of the identity provider: works without script, every value escaped. */
export const page = (title: string, content: Html): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Contoso Bank (local stack)</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <header>Local stack: this is not Microsoft, and nobody here is real. No password is asked.</header>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;

/** Something that went wrong on a page; `code` as Entra numbers it, for readers and for tests. */
export const alert = (problem: Problem | undefined): Html | "" =>
  problem ? html`<p role="alert" data-code="${problem.code}">${problem.code}: ${problem.message}</p>` : "";

export interface Problem {
  readonly code: string;
  readonly message: string;
}

export const errorPage = async (code: string, message: string): Promise<string> =>
  String(await page("Sorry, we cannot sign you in", html`${alert({ code, message })}`));
