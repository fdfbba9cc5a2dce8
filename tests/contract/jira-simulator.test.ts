import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setClock } from "../../local/clock.ts";
import { jiraAccountId } from "../../local/seed.ts";
import { jiraSignature } from "../../local/tickets/jira/webhook.ts";
import { startLocalTickets, type LocalTickets } from "../support/local-tickets.ts";
import { JiraClient, type Json } from "../support/ticket-clients.ts";

const MINUTE_MS = 60_000;
let local: LocalTickets;
let jira: JiraClient;

beforeAll(async () => {
  local = await startLocalTickets();
  jira = new JiraClient(local.settings);
});
afterEach(() => local.behave());
afterAll(() => local.stop());

describe("the Jira simulator's REST API", () => {
  it("answers an issue with the wanted fields and their names", async () => {
    const issue = await jira.json(
      "/rest/api/3/issue/OPS-142?fields=status,assignee,customfield_10200,bogus&expand=names",
    );
    expect(issue).toMatchObject({
      key: "OPS-142",
      fields: {
        status: { id: "3", name: "In Progress", statusCategory: { key: "indeterminate" } },
        assignee: { accountId: jiraAccountId(8), displayName: "Hugo Brandt", active: true },
        customfield_10200: "Exchange Administrator",
      },
      names: { customfield_10200: "Role" },
    });
    expect(Object.keys(issue["fields"] as Json)).toHaveLength(3);
  });

  it("leaves out the address of a person who hides it, and answers null for nobody", async () => {
    const cora = (await jira.json("/rest/api/3/issue/OPS-144?fields=assignee"))["fields"] as Json;
    expect(cora["assignee"]).toMatchObject({ accountId: jiraAccountId(3) });
    expect(cora["assignee"]).not.toHaveProperty("emailAddress");
    expect((await jira.json("/rest/api/3/issue/OPS-145?fields=assignee"))["fields"]).toEqual({ assignee: null });
  });

  it("gives one 404 for missing, for forbidden, and for a caller with wrong credentials", async () => {
    const missing = await jira.send("/rest/api/3/issue/OPS-999");
    const forbidden = await jira.send("/rest/api/3/issue/SEC-3");
    const anonymous = await jira.send("/rest/api/3/issue/OPS-142", {}, "wrong-token");
    const texts = await Promise.all([missing, forbidden, anonymous].map((answer) => answer.text()));
    expect([missing, forbidden, anonymous].map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(new Set(texts).size).toBe(1);
    expect((await jira.send("/rest/api/3/myself", {}, "wrong-token")).status).toBe(401);
    expect(await jira.json("/rest/api/3/myself")).toMatchObject({ emailAddress: "zero-standing@contoso.example" });
  });

  it("answers a moved issue under its old key with the new one", async () => {
    const created = (await local.control("jira", "createTicket", { webhook: false })) as { key: string; id: string };
    await local.control("jira", "moveIssue", { number: created.key, project: "HR" });
    expect(await jira.json(`/rest/api/3/issue/${created.key}`)).toMatchObject({ key: "HR-8", id: created.id });
    expect(JSON.parse(local.received[0]?.body ?? "")).toMatchObject({
      webhookEvent: "jira:issue_updated",
      issue: { key: "HR-8" },
      changelog: {
        items: [
          { field: "project", fromString: "OPS", toString: "HR" },
          { field: "Key", fromString: created.key, toString: "HR-8" },
        ],
      },
    });
  });

  it("takes comments as documents, lists them with their properties, and refuses plain text", async () => {
    const path = "/rest/api/3/issue/OPS-142/comment";
    const body = {
      type: "doc",
      version: 1,
      content: [{ type: "paragraph", content: [{ type: "text", text: "Access granted <script>" }] }],
    };
    const properties = [{ key: "zero-standing.marker", value: { id: "a-1" } }];
    expect((await jira.send(path, { method: "POST", body: JSON.stringify({ body, properties }) })).status).toBe(201);
    expect((await jira.send(path, { method: "POST", body: JSON.stringify({ body: "plain" }) })).status).toBe(400);
    expect(await jira.json(`${path}?expand=properties`)).toMatchObject({
      total: 1,
      comments: [{ body, properties, author: { displayName: "Zero Standing" } }],
    });
    expect(local.received).toEqual([]);
    const shown = await (await fetch(`${local.settings.addresses.jira}/browse/OPS-142`)).text();
    expect(shown).toContain("Access granted &lt;script&gt;");
  });

  it("answers the approvals of service desk requests only", async () => {
    const path = (key: string): string => `/rest/servicedeskapi/request/${key}/approval`;
    expect(await jira.json(path("OPS-142"))).toMatchObject({ values: [{ finalDecision: "approved" }] });
    expect(await jira.json(path("OPS-146"))).toMatchObject({ values: [{ finalDecision: "pending" }] });
    expect(await jira.json(path("OPS-149"))).toMatchObject({ values: [] });
    expect((await jira.send(path("HR-7"))).status).toBe(404);
  });
});

describe("the Jira simulator's webhooks", () => {
  it("sign as the vendor's check vector says", () => {
    expect(jiraSignature("It's a Secret to Everybody", "Hello World!")).toBe(
      "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
    );
  });

  it("carry the issue, who changed it and what changed", async () => {
    await local.control("jira", "updateTicket", { number: "OPS-144", fields: { status: "Done" }, by: "cora.lindt" });
    const [webhook] = local.received;
    expect(webhook?.headers["x-hub-signature"]).toBe(jiraSignature("jira-webhook-secret", webhook?.body ?? ""));
    expect(JSON.parse(webhook?.body ?? "")).toMatchObject({
      webhookEvent: "jira:issue_updated",
      user: { accountId: jiraAccountId(3) },
      issue: { key: "OPS-144", fields: { resolution: { name: "Done" } } },
      changelog: {
        items: [{ field: "status", from: "3", fromString: "In Progress", to: "10001", toString: "Done" }],
      },
    });
  });

  it("are retried five times, five to fifteen minutes apart, under one identifier", async () => {
    local.answers.push(503, 429, 500, 408, 409, 500, 500);
    await local.control("jira", "updateTicket", { number: "OPS-145", fields: { assignee: "hugo.brandt" } });
    for (let retry = 1; retry <= 7; retry++) {
      setClock({ mode: "real", offsetMs: retry * 15 * MINUTE_MS });
      await local.control("jira", "sendDue");
    }
    expect(local.received.map(({ headers }) => headers["x-atlassian-webhook-retry"])).toEqual([
      undefined,
      "1",
      "2",
      "3",
      "4",
      "5",
    ]);
    expect(new Set(local.received.map(({ headers }) => headers["x-atlassian-webhook-identifier"])).size).toBe(1);
  });

  it("are not retried before five minutes or after a refusal", async () => {
    local.answers.push(401);
    await local.control("jira", "updateTicket", { number: "OPS-145", fields: { assignee: "" } });
    setClock({ mode: "real", offsetMs: 60 * MINUTE_MS });
    await local.control("jira", "sendDue");
    expect(local.received).toHaveLength(1);
    local.answers.push(500);
    await local.control("jira", "updateTicket", { number: "OPS-145", fields: { assignee: "ben.okafor" } });
    setClock({ mode: "real", offsetMs: 64 * MINUTE_MS });
    await local.control("jira", "sendDue");
    expect(local.received).toHaveLength(2);
    setClock({ mode: "real", offsetMs: 76 * MINUTE_MS });
    await local.control("jira", "sendDue");
    expect(local.received).toHaveLength(3);
  });

  it("come from an automation rule with a secret header and no signature where the site works that way", async () => {
    await local.control("jira", "habits", { sends: "automation" });
    await local.control("jira", "updateTicket", { number: "OPS-142", fields: { summary: "Another summary" } });
    const [request] = local.received;
    expect(request?.headers).toMatchObject({ "x-automation-secret": "jira-automation-secret" });
    expect(request?.headers).not.toHaveProperty("x-hub-signature");
    expect(JSON.parse(request?.body ?? "")).toEqual({
      issueKey: "OPS-142",
      updated: expect.stringMatching(/\+0000$/) as string,
      ruleId: expect.any(String) as string,
    });
  });
});
