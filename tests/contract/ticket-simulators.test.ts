import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setClock } from "../../local/clock.ts";
import { startLocalTickets, type LocalTickets } from "../support/local-tickets.ts";
import { ServicenowClient } from "../support/ticket-clients.ts";

const MINUTE_MS = 60_000;
let local: LocalTickets;

beforeAll(async () => {
  local = await startLocalTickets();
});
afterEach(() => local.behave());
afterAll(() => local.stop());

describe("the ticket pages", () => {
  it("change a ticket as somebody and tell the app, but not for a form of another origin", async () => {
    const url = `${local.settings.addresses.servicenow}/tickets/INC0010048`;
    const form = {
      method: "POST",
      body: new URLSearchParams({ state: "2", by: "grace.oduya", work_notes: "<i>on it</i>" }),
    };
    const foreign = await fetch(url, { ...form, headers: { origin: "http://attacker.example" } });
    expect(foreign.status).toBe(403);
    const own = await fetch(url, { ...form, headers: { origin: local.settings.addresses.servicenow } });
    expect(own.status).toBe(200); // after the redirect
    expect(await own.text()).toContain("&lt;i&gt;on it&lt;/i&gt;");
    await expect.poll(() => local.received.length).toBe(1);
    expect(await local.control("servicenow", "ticket", { number: "INC0010048" })).toMatchObject({
      fields: { state: "2", sys_updated_by: "grace.oduya" },
    });
  });
});

describe("the mailbox", () => {
  it("keeps a message once and answers it by address", async () => {
    const mail = {
      id: "m-1",
      from: "zero-standing@contoso.example",
      to: ["Cora.Lindt@contoso.example"],
      subject: "Decide <now>",
      contentType: "text" as const,
      content: "Open http://127.0.0.1:1/l/abc. Thank you <script>",
      at: "2026-01-05T09:00:00Z",
    };
    local.mailbox.deliver(mail);
    local.mailbox.deliver(mail);
    const answer = await fetch(`${local.settings.addresses.mailbox}/messages?to=cora.lindt@contoso.example`);
    expect(await answer.json()).toEqual([mail]);
    const page = await (await fetch(`${local.settings.addresses.mailbox}/mail/m-1`)).text();
    expect(page).toContain('<a href="http://127.0.0.1:1/l/abc">http://127.0.0.1:1/l/abc</a>.');
    expect(page).not.toContain("<script>");
  });

  it("frames HTML without rights and lists its web links beside it", async () => {
    const { id } = local.mailbox.deliver({
      from: "a@contoso.example",
      to: ["b@contoso.example"],
      subject: "x",
      contentType: "html",
      content:
        '<a href="http://127.0.0.1:1/l/a?b=1&amp;c=2">open</a><a href="javascript:alert(1)">no</a><script>1</script>',
      at: "2026-01-05T09:00:00Z",
    });
    const answer = await fetch(`${local.settings.addresses.mailbox}/mail/${id}`);
    const page = await answer.text();
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page).toContain('sandbox="allow-top-navigation-by-user-activation"');
    expect(page).not.toContain("<script>");
    expect(page).toContain('<li><a href="http://127.0.0.1:1/l/a?b=1&amp;c=2">');
    expect(page).not.toContain('<a href="javascript');
  });
});

describe("the ticket systems after a restart", () => {
  it("still know their tickets, notes, tokens and mail, and send the retry that is due", async () => {
    const snow = new ServicenowClient(local.settings);
    const token = await snow.accessToken();
    local.answers.push(503);
    const ticket = (await local.control("jira", "createTicket", { fields: { summary: "survives" } })) as {
      key: string;
    };
    await local.restart();
    setClock({ mode: "real", offsetMs: 16 * MINUTE_MS });
    expect(await local.control("jira", "ticket", { number: ticket.key })).toMatchObject({
      fields: { summary: "survives" },
    });
    expect((await snow.get("/api/now/table/incident", token)).status).toBe(200);
    await expect.poll(() => local.received.length).toBe(2);
    expect(local.received[1]?.headers["x-atlassian-webhook-retry"]).toBe("1");
    expect(await local.control("mailbox", "messages")).not.toEqual([]);
  });

  it("owe Jira's webhook that was under way, and have lost ServiceNow's", async () => {
    local.answers.push(0, 0);
    const cutOff = [
      local.control("jira", "createTicket", { fields: { summary: "cut off" } }),
      local.control("servicenow", "createTicket", { table: "incident" }),
    ];
    await expect.poll(() => local.received.length).toBe(2);
    await local.restart();
    await Promise.all(cutOff);
    await expect.poll(() => local.received.length).toBe(3);
    expect(local.received[2]?.path).toBe("/api/webhooks/jira");
    const deliveries = (await local.control("servicenow", "deliveries")) as unknown[];
    expect(deliveries.at(-1)).toMatchObject({ attempts: [], nextAttemptAt: undefined });
  });
});
