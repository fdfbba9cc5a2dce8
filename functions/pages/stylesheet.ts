/** The only style of all pages; they load nothing. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #fff; --ink: #1b1f24; --soft: #59636e; --line: #d8dde3;
  --accent: #0b57a4; --accent-ink: #fff; --good: #116b3c; --bad: #a3222c; --waiting: #8a5a00; --tint: #eef3f9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --card: #1b2129; --ink: #e8ebef; --soft: #a2adb9; --line: #333c47;
    --accent: #6cb1f5; --accent-ink: #0b1a29; --good: #63cf95; --bad: #f48a92; --waiting: #e6b450; --tint: #222c38;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere;
}
header, main, footer { max-width: 42rem; margin: 0 auto; }
header { padding: .5rem .25rem 1rem; color: var(--soft); font-weight: 600; letter-spacing: .01em; }
header b { color: var(--accent); }
main { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; }
footer { padding: 1rem .25rem; color: var(--soft); font-size: .875rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.0625rem; margin: 2rem 0 .5rem; }
p { margin: 0 0 1rem; }
.soft { color: var(--soft); } .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.tag { display: inline-block; margin: 0 0 .75rem; padding: .1rem .65rem; border: 1px solid; border-radius: 1rem; font-size: .875rem; font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); } .waiting { color: var(--waiting); } .calm { color: var(--accent); }
dl { margin: 1rem 0; border-top: 1px solid var(--line); }
dl div { display: grid; grid-template-columns: 10rem 1fr; gap: .25rem 1rem; padding: .6rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); overflow-wrap: break-word; hyphens: auto; } dd { margin: 0; white-space: pre-line; }
blockquote { margin: 0 0 1rem; padding: .75rem 1rem; background: var(--tint); border-left: 3px solid var(--accent); border-radius: .25rem; white-space: pre-line; }
table { width: 100%; border-collapse: collapse; margin: 0 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); }
th .soft { font-weight: 400; } thead th { color: var(--soft); font-weight: 400; } thead th, time { overflow-wrap: normal; }
.even { table-layout: fixed; } .even th:nth-child(2) { width: 32%; } .even th:nth-child(3) { width: 40%; }
del { color: var(--bad); } ins { color: var(--good); }
ol, ul { margin: 0 0 1rem; padding-left: 1.25rem; } li { margin: .35rem 0; } dd { overflow-wrap: anywhere; } dl .wide { grid-template-columns: 1fr; } dd ul { margin: 0; padding-left: 1.1rem; } dd li:first-child { margin-top: 0; }
code { font: .875em ui-monospace, SFMono-Regular, Consolas, monospace; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
.numbers { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin-top: 1.5rem; } .numbers > * { min-width: 2.75rem; text-align: center; }
form { margin: 0; } fieldset { margin: 1rem 0 0; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; }
legend { padding: 0 .5rem; font-weight: 600; } label { display: block; margin: 0 0 .35rem; font-weight: 600; }
select, textarea, input:not([type="hidden"], [type="radio"]) {
  width: 100%; margin: 0 0 1rem; padding: .6rem .75rem; font: inherit; color: inherit;
  background: var(--page); border: 1px solid var(--soft); border-radius: .5rem;
}
textarea { min-height: 5rem; resize: vertical; }
[aria-invalid] { border-color: var(--bad) !important; } .mistake { margin-top: -.6rem; color: var(--bad); }
button, .button {
  display: inline-block; min-height: 2.75rem; padding: .6rem 1.25rem; font: inherit; font-weight: 600; text-decoration: none;
  color: var(--accent-ink); background: var(--accent); border: 1px solid var(--accent); border-radius: .5rem; cursor: pointer;
}
button.quiet { color: var(--bad); background: transparent; border-color: currentColor; }
button.small { font-size: .875rem; padding: .25rem .75rem; }
button.plain { color: var(--accent); background: transparent; border-color: currentColor; }
button.link { min-height: 0; padding: 0; border: 0; border-radius: 0; color: var(--accent); background: none; font-weight: 400; text-align: left; text-decoration: underline; }
a { color: var(--accent); } a.button { color: var(--accent-ink); }
input[type="radio"] { margin: 0 .35rem 0 0; } td fieldset { margin: 0; padding: .5rem .75rem; min-width: 13rem; } td fieldset label { font-weight: 400; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (max-width: 34rem) {
  body { padding: .5rem; } main { padding: 1.1rem; }
  dl div { grid-template-columns: 7.5rem 1fr; gap: .25rem .75rem; }
  .cards.even { table-layout: auto; } .cards thead { display: none; } .cards th, .cards td { display: block; border: 0; padding: .25rem 0; }
  .cards tr { display: block; padding: .75rem 0; border-bottom: 1px solid var(--line); }
  .actions form, .actions button, .button, fieldset button { width: 100%; text-align: center; }
}
@media print { body { background: none; } main { border: 0; padding: 0; } .actions, .numbers, fieldset { display: none; } }
`;
