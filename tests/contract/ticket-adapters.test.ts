import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Exchange } from "../../local/http/server.ts";
import { jiraAccountId, snowUserId } from "../../local/seed.ts";
import { createJira } from "../../shared/adapters/tickets/jira.ts";
import { createServiceNow } from "../../shared/adapters/tickets/servicenow.ts";
import { readPolicy } from "../../shared/config/policy-file.ts";
import type { TicketSystemName } from "../../shared/domain/ticket.ts";
import { instant } from "../../shared/domain/time.ts";
import type { TicketSystem } from "../../shared/ports/ticket-system.ts";
import { answering, type Answer } from "../support/answering-server.ts";
import { startLocalTickets, type LocalTickets } from "../support/local-tickets.ts";
import { SAMPLE } from "../support/policy-text.ts";

const { servicenow, jira } = readPolicy(SAMPLE.roles, SAMPLE.people).policy.ticketSystems;
if (!servicenow || !jira) throw new Error("the sample policy reads both ticket systems");
const clock = { now: () => instant(Date.now()) };

const systemAt = (name: TicketSystemName, url: string, secret: string): TicketSystem =>
  name === "servicenow"
    ? createServiceNow({ url, clientId: "zero-standing", clientSecret: () => secret, policy: servicenow, clock })
    : createJira({ url, user: "zero-standing@contoso.example", apiToken: () => secret, policy: jira });

let local: LocalTickets;
beforeAll(async () => {
  local = await startLocalTickets();
});
afterEach(() => local.behave());
afterAll(() => local.stop());

const system = (name: TicketSystemName, secret?: string): TicketSystem => {
  const { addresses, secrets } = local.settings;
  const own = name === "servicenow" ? secrets.servicenowClientSecret : secrets.jiraApiToken;
  return systemAt(name, addresses[name], secret ?? own);
};
const fetched = (number: string, name: TicketSystemName = number.includes("-") ? "jira" : "servicenow") =>
  system(name).fetch({ system: name, number });
const calls = async (part: TicketSystemName): Promise<readonly Exchange[]> =>
  (await local.control(part, "exchanges")) as readonly Exchange[];
const NUMBERS = { servicenow: "CHG0030192", jira: "OPS-142" } as const;
const BOTH = ["servicenow", "jira"] as const;

describe("tickets of ServiceNow", () => {
  it("come with everything that decisions rest on", async () => {
    await local.control("servicenow", "updateTicket", {
      number: "CHG0030192",
      fields: { start_date: "2026-07-01T08:00:00.000Z", end_date: "2026-07-01T16:30:00.000Z" },
    });
    expect(await fetched("CHG0030192")).toEqual({
      system: "servicenow",
      number: "CHG0030192",
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      type: "change_request",
      summary: "Rotate the federation signing certificate",
      configurationItem: expect.stringMatching(/^c1[0-9a-f]{30}$/) as string,
      status: "open",
      onHold: false,
      approval: "approved",
      window: { startsAt: "2026-07-01T08:00:00.000Z", endsAt: "2026-07-01T16:30:00.000Z" },
      assignee: snowUserId(1),
      assignmentGroup: expect.stringMatching(/^9a[0-9a-f]{30}$/) as string,
      creator: snowUserId(5),
      names: { configurationItem: "Entra ID contoso.example", assignmentGroup: "Identity Operations" },
      asks: { role: "Global Administrator", duration: "PT2H", scope: "/" },
    });
  });

  it.each([
    ["planned for tomorrow", "CHG0030193", { status: "open", approval: "approved", assignee: snowUserId(8) }],
    ["closed", "CHG0030194", { status: "closed" }],
    ["not yet approved", "CHG0030195", { status: "closed", approval: "pending" }],
    ["cancelled", "CHG0030196", { status: "cancelled", approval: "rejected" }],
    ["on hold", "CHG0030197", { status: "open", onHold: true }],
    ["of somebody else", "CHG0030198", { status: "open", assignee: snowUserId(4) }],
    ["an incident", "INC0010045", { status: "open", type: "incident", window: undefined, assignee: snowUserId(2) }],
    ["a closed incident", "INC0010047", { status: "closed" }],
    ["an incident on hold", "INC0010048", { status: "closed" }],
    ["of nobody", "INC0010049", { status: "open", assignee: undefined }],
    ["of a person who left", "INC0010050", { status: "open", assignee: snowUserId(900) }],
  ])("are read as what they are: %s", async (_, number, ticket) => {
    expect(await fetched(number)).toMatchObject({ number, ...ticket });
  });

  it("are not there when missing, hidden, or of a kind that the policy does not name", async () => {
    await local.control("servicenow", "habits", { hiddenRows: ["CHG0030192"] });
    for (const number of ["CHG0030192", "CHG9999999", "INC0030192", "RITM0020011", "SCTASK0020012", "PRB0040007"])
      expect(await fetched(number), number).toBeUndefined();
  });

  it.each([
    ["state", { status: "closed" }],
    ["active", { status: "closed" }],
    ["approval", { approval: "unknown" }],
    ["assigned_to", { assignee: undefined }],
    ["start_date", { window: undefined }],
    ["u_role", { asks: { role: undefined } }],
  ])("never count for more when the field %s is hidden from us", async (field, ticket) => {
    await local.control("servicenow", "habits", { hiddenFields: [field] });
    expect(await fetched("CHG0030192")).toMatchObject(ticket);
  });

  it("are only what was asked for, whatever rows the site answers", async () => {
    const row = (number: string) => ({ number, sys_id: "0".repeat(32), state: "-1", active: "true" });
    const rows = [[row("CHG0030198")], [row("CHG0030192"), row("CHG0030198")], [], [{ sys_id: "x" }], [{ number: "" }]];
    for (const result of rows) {
      const site = await answering(({ path }) => ({ json: path.includes("oauth") ? TOKEN : { result } }));
      const ticket = systemAt("servicenow", site.url, "s").fetch({ system: "servicenow", number: "CHG0030192" });
      expect(await ticket, JSON.stringify(result)).toBeUndefined();
    }
  });

  it("are read with one token until it is refused, and then with one more", async () => {
    const snow = system("servicenow");
    const read = async () => (await snow.fetch({ system: "servicenow", number: "CHG0030192" }))?.number;
    await local.control("servicenow", "clearExchanges");
    expect([await read(), await read(), await read()]).toEqual(Array<string>(3).fill("CHG0030192"));
    await local.control("servicenow", "habits", { revokeTokens: true });
    expect(await read()).toBe("CHG0030192");
    const seen = (await calls("servicenow")).map(({ path, status }) => `${path.split("?")[0] ?? ""} ${status}`);
    const [token, table] = ["/oauth_token.do 200", "/api/now/table/change_request"];
    expect(seen).toEqual([token, ...Array<string>(3).fill(`${table} 200`), `${table} 401`, token, `${table} 200`]);
  });

  it("are not asked for for ever with tokens that are never accepted", async () => {
    const site = await answering(({ path }) =>
      path.includes("oauth") ? { json: TOKEN } : { status: 401, json: { error: { message: "no" } } },
    );
    const read = systemAt("servicenow", site.url, "s").fetch({ system: "servicenow", number: "CHG0030192" });
    await expect(read).rejects.toMatchObject({ code: "Misconfigured" });
    expect(site.arrived).toHaveLength(4);
  });
});

describe("tickets of Jira", () => {
  it("come with everything that decisions rest on", async () => {
    await local.control("jira", "updateTicket", {
      number: "OPS-142",
      fields: { customfield_10203: "2026-07-01T10:00:00.000+0200", customfield_10204: "2026-07-01T16:30:00.000+0000" },
    });
    expect(await fetched("OPS-142")).toEqual({
      system: "jira",
      number: "OPS-142",
      id: expect.stringMatching(/^\d+$/) as string,
      type: "Change",
      summary: "Replace the mail connector of the branch offices",
      configurationItem: "Exchange Online",
      status: "open",
      onHold: false,
      approval: "unknown",
      window: { startsAt: "2026-07-01T08:00:00.000Z", endsAt: "2026-07-01T16:30:00.000Z" },
      assignee: jiraAccountId(8),
      assignmentGroup: undefined,
      creator: jiraAccountId(5),
      asks: { role: "Exchange Administrator", duration: "PT2H", scope: "/" },
    });
  });

  it.each([
    ["done", "OPS-143", { status: "closed" }],
    ["of somebody else", "OPS-144", { status: "open", assignee: jiraAccountId(3) }],
    ["of nobody", "OPS-145", { status: "open", assignee: undefined }],
    ["waiting for approval", "OPS-146", { status: "closed" }],
    ["cancelled", "OPS-147", { status: "cancelled" }],
    ["planned for tomorrow", "OPS-148", { status: "open" }],
    ["of a type that the policy does not name", "OPS-149", { type: "Incident", status: "closed" }],
  ])("are read as what they are: %s", async (_, number, ticket) => {
    expect(await fetched(number)).toMatchObject({ number, ...ticket });
  });

  it("are not there when missing, hidden, of another project, or moved", async () => {
    const moved = (await local.control("jira", "createTicket", { webhook: false })) as { readonly key: string };
    expect(await fetched(moved.key)).toMatchObject({ number: moved.key });
    await local.control("jira", "moveIssue", { number: moved.key, project: "HR" });
    await local.control("jira", "habits", { hidden: ["OPS-144"] });
    for (const number of [moved.key, "OPS-144", "OPS-999", "HR-7", "SEC-3"])
      expect(await fetched(number), number).toBeUndefined();
  });

  it("are not those that the issue has become, even within the project", async () => {
    const type = { issuetype: { name: "Change" }, project: { key: "OPS" } };
    const fields = { ...type, status: { id: "3", statusCategory: { key: "indeterminate" } } };
    const site = await answering(({ path }) => ({
      json: { id: "7", key: path.includes("7?") ? "OPS-7" : "OPS-8", fields },
    }));
    const at = (number: string) => systemAt("jira", site.url, "s").fetch({ system: "jira", number });
    expect(await at("OPS-7")).toMatchObject({ number: "OPS-7" });
    expect(await at("OPS-142")).toBeUndefined();
  });

  it("follow a change of their components, one or several", async () => {
    const fields = { components: ["Exchange Online", "Core network"] };
    await local.control("jira", "updateTicket", { number: "OPS-148", fields, webhook: false });
    expect(await fetched("OPS-148")).toMatchObject({ configurationItem: "Exchange Online, Core network" });
  });

  it("are out of reach, and not missing, while Jira asks us to solve a puzzle", async () => {
    await local.control("jira", "habits", { captcha: true });
    await expect(fetched("OPS-142")).rejects.toMatchObject({ code: "Misconfigured" });
  });
});

describe.each(BOTH)("a site of %s that misbehaves", (name) => {
  const number = NUMBERS[name];
  const read = (url: string) => systemAt(name, url, "s").fetch({ system: name, number });

  it("is unavailable when it answers 200 with a page for people", async () => {
    await local.control(name, "habits", name === "jira" ? { html: true } : { hibernating: true });
    await expect(fetched(number)).rejects.toMatchObject({ code: "Unavailable" });
  });

  it("is unavailable when it answers 503, and throttles with 429 and a time to wait", async () => {
    await local.control(name, "habits", { unavailable: true });
    await expect(fetched(number)).rejects.toMatchObject({ code: "Unavailable" });
    await local.control(name, "habits", { unavailable: false, rateLimited: true });
    const throttled = { code: "Throttled", retryAfterMs: expect.any(Number) as number };
    await expect(fetched(number)).rejects.toMatchObject(throttled);
  });

  it("never makes a ticket missing because our credentials are wrong", async () => {
    const read = system(name, "wrong").fetch({ system: name, number });
    await expect(read).rejects.toMatchObject({ code: "Misconfigured" });
  });

  it("is not read to the end of an endless answer", async () => {
    const endless = { json: { padding: "x".repeat(1_048_600) } };
    const site = await answering(({ path }) => (path.includes("oauth") ? { json: TOKEN } : endless));
    await expect(read(site.url)).rejects.toMatchObject({
      code: "Rejected",
      message: expect.stringContaining("too large") as string,
    });
  });

  it.each<[string, string, Answer]>([
    ["a broken connection", "Unavailable", "hangUp"],
    ["half a JSON text", "Unavailable", { text: '{"result":', headers: { "content-type": "application/json" } }],
    ["JSON of another form", "Rejected", { json: { result: "none", id: 7 } }],
    ["403", "Misconfigured", { status: 403, json: {} }],
  ])("answers %s: %s", async (_, code, answer) => {
    const site = await answering(({ path }) => (path.includes("oauth") ? { json: TOKEN } : answer));
    await expect(read(site.url)).rejects.toMatchObject({ code });
  });

  it("gets no credentials by a redirect", async () => {
    const elsewhere = await answering(() => ({ json: TOKEN }));
    const site = await answering(() => ({ status: 307, headers: { location: elsewhere.url } }));
    await expect(read(site.url)).rejects.toMatchObject({ code: "Unavailable" });
    expect([site.arrived.length, elsewhere.arrived.length]).toEqual([1, 0]);
  });

  it("is left after ten seconds of silence", async () => {
    const soon = AbortSignal.timeout(50);
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(soon);
    onTestFinished(() => timeout.mockRestore());
    const site = await answering(() => "nothing");
    await expect(read(site.url)).rejects.toMatchObject({ code: "Unavailable" });
    expect(timeout).toHaveBeenCalledWith(10_000);
  });

  it.each([
    `${number}^ORnumber=CHG0030198`,
    `${number}\n`,
    ` ${number}`,
    `${number}/../../myself`,
    `${number}?fields=*`,
    number.toLowerCase(),
    "",
  ])("is not called for the number %j", async (text) => {
    const site = await answering(() => ({ json: TOKEN }));
    const ticket = systemAt(name, site.url, "s").fetch({ system: name, number: text });
    expect(await ticket).toBeUndefined();
    expect(site.arrived).toEqual([]);
  });

  it("gets a note once, however often it is written", async () => {
    const ticket = await fetched(number);
    if (!ticket) throw new Error("no such ticket");
    for (const [marker, text] of [
      ["a1", "Role granted"],
      ["a1", "Role granted"],
      ["a2", "Role ended"],
    ] as const)
      // prettier-ignore
      await system(name).note(ticket, { marker: `zs:${marker}`, text });
    const known = (await local.control(name, "ticket", { number })) as {
      readonly notes?: readonly { readonly text: string }[];
      readonly comments?: readonly { readonly text: string }[];
    };
    const texts = (known.notes ?? known.comments ?? []).map(({ text }) => text);
    expect(texts.toSorted()).toEqual(["Role ended [zs:a2]", "Role granted [zs:a1]"]);
  });

  it("says when a note was not taken", async () => {
    const ticket = { number, id: "0".repeat(32) };
    const site = await answering(({ path, method }) =>
      path.includes("oauth") ? { json: TOKEN } : { status: method === "GET" ? 200 : 403, json: {} },
    );
    const note = systemAt(name, site.url, "s").note(ticket, { marker: "m", text: "t" });
    await expect(note).rejects.toMatchObject({ code: "Misconfigured" });
  });
});

const TOKEN = { access_token: "token", expires_in: 1_800 };
