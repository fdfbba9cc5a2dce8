import type { Context } from "hono";
import { html } from "hono/html";
import type { LocalApp } from "../http/server.ts";
import { htmlLinks, textParts } from "./links.ts";
import type { Mail, MailStore } from "./mail-store.ts";

type Fragment = ReturnType<typeof html>;

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:52rem;padding:0 1rem;color:#1b1b1f}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ddd}
pre{white-space:pre-wrap;background:#f5f5f7;padding:1rem}iframe{width:100%;height:28rem;border:1px solid #ddd}`;

/** Mounts the JSON list and the pages: people with mail, one person's messages, one message. */
export function mountPages(app: LocalApp, store: MailStore): void {
  app.get("/messages", (c) => c.json(store.all(c.req.query("to"))));
  app.get("/", (c) => page(c, "Mailbox (simulated)", peopleOf(store)));
  app.get("/to/:address", (c) => {
    const address = c.req.param("address");
    return page(c, `Mail to ${address}`, messagesOf(store.all(address)));
  });
  app.get("/mail/:id", (c) => {
    const mail = store.byId(c.req.param("id"));
    return mail ? page(c, mail.subject, messageOf(mail)) : page(c, "No such message", html``, 404);
  });
}

/**
 * Nothing on these pages runs or loads. A framed message inherits that policy, and its sandbox leaves it one thing: a
 * click may lead the whole window away.
 */
function page(c: Context, title: string, body: Fragment, status: 200 | 404 = 200): Response | Promise<Response> {
  c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'");
  c.header("referrer-policy", "no-referrer");
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
          <p><a href="/">All mail</a></p>
          <h1>${title}</h1>
          ${body}
        </body>
      </html>`,
    status,
  );
}

function peopleOf(store: MailStore): Fragment {
  const counts = new Map<string, number>();
  for (const address of store.all().flatMap(({ to }) => to)) {
    const key = address.toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  if (counts.size === 0) return html`<p>Nobody has mail yet.</p>`;
  return html`<ul>
    ${[...counts]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([address, count]) => html`<li><a href="/to/${encodeURIComponent(address)}">${address}</a> (${count})</li>`)}
  </ul>`;
}

const messagesOf = (mails: readonly Mail[]): Fragment =>
  html`<table>
    <tr>
      <th>Received</th>
      <th>From</th>
      <th>Subject</th>
    </tr>
    ${mails.toReversed().map(
      ({ id, at, from, subject }) =>
        html`<tr>
          <td>${at}</td>
          <td>${from}</td>
          <td><a href="/mail/${encodeURIComponent(id)}">${subject || "(no subject)"}</a></td>
        </tr>`,
    )}
  </table>`;

const messageOf = (mail: Mail): Fragment =>
  html`<p>From ${mail.from} to ${mail.to.join(", ")}, ${mail.at}</p>
    ${mail.contentType === "html" ? framed(mail.content) : html`<pre>${textParts(mail.content).map(partOf)}</pre>`}`;

const partOf = (part: ReturnType<typeof textParts>[number]): unknown =>
  "address" in part ? html`<a href="${part.address}">${part.address}</a>` : part.text;

const framed = (content: string): Fragment =>
  html`<iframe
      title="The message"
      sandbox="allow-top-navigation-by-user-activation"
      srcdoc="${`<base target="_top">${content}`}"
    ></iframe>
    <h2>Links in this message</h2>
    <ul>
      ${htmlLinks(content).map((address) => html`<li><a href="${address}">${address}</a></li>`)}
    </ul>`;
