import { describe, expect, it } from "vitest";
import { useStack } from "../support/stack.ts";
import { storedRows } from "../support/stored-rows.ts";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

describe("the secrets of the webhooks", () => {
  const stack = useStack({
    settings: {
      SERVICENOW_WEBHOOK_SECRETS: "the-new-secret,the-old-secret",
      JIRA_WEBHOOK_SECRETS: "the-new-secret,the-old-secret",
      JIRA_AUTOMATION_SECRETS: "the-new-secret,the-old-secret",
    },
  });

  /** One instance of the task hub for every delivery that was taken: the tickets here begin nothing. */
  const taken = async (): Promise<number> => {
    await stack().settle();
    const url = `${stack().taskHubAddress}/runtime/webhooks/durabletask/instances`;
    const answer = await fetch(`${url}?code=${encodeURIComponent(stack().taskHubKey)}`);
    return ((await answer.json()) as readonly unknown[]).length;
  };
  const post = async (system: "servicenow" | "jira", wish: Readonly<Record<string, unknown>>): Promise<Answer> =>
    (await stack().call(system, "sendRaw", wish)) as Answer;

  const automation = (updated: string, headers: Readonly<Record<string, string>>): Promise<Answer> =>
    post("jira", { body: JSON.stringify({ issueKey: "OPS-9999", updated, ruleId: "1" }), headers });
  const senders: Readonly<Record<string, (secret: string) => Promise<Answer>>> = {
    "a ServiceNow signature": async (secret) => {
      await stack().call("servicenow", "setSecret", { webhook: secret });
      const occurredAt = new Date(stack().clock.now()).toISOString();
      const ticket = { table: "change_request", sys_id: "0".repeat(32), number: "CHG0099999" };
      const eventId = Buffer.from(secret).toString("hex").padEnd(32, "0").slice(0, 32);
      return post("servicenow", { sign: true, body: JSON.stringify({ eventId, occurredAt, ...ticket }) });
    },
    "a Jira signature": async (secret) => {
      await stack().call("jira", "setSecret", { webhook: secret });
      const body = JSON.stringify({ webhookEvent: "jira:issue_updated", issue: { key: "OPS-9999" } });
      return post("jira", { sign: true, body, headers: { "x-atlassian-webhook-identifier": secret } });
    },
    "Jira Automation's header": (secret) => automation(secret, { "x-automation-secret": secret }),
  };

  it.each(Object.entries(senders))(
    "%s may be of the new secret or of the old one, not of a third",
    async (_name, of) => {
      const before = await taken();
      expect((await of("the-new-secret")).status).toBe(202);
      expect((await of("the-old-secret")).status).toBe(202);
      expect(await taken()).toBe(before + 2);
      expect((await of("an-older-secret")).status).toBe(401);
      expect(await taken()).toBe(before + 2);
    },
  );

  it("Jira Automation gets 202 with an empty body, and the same 401 for a wrong secret as for none", async () => {
    const right = await automation("now", { "x-automation-secret": "the-new-secret" });
    expect([right.status, right.body]).toEqual([202, ""]);
    const before = await taken();
    const wrong = [{ "x-automation-secret": "wrong" }, { "x-automation-secret": "" }, {}];
    const answers = await Promise.all(wrong.map((headers) => automation("later", headers)));
    const unsigned = await post("jira", { body: "{}" });
    for (const { status, headers, body } of answers) {
      expect([status, headers["content-type"]]).toEqual([401, "application/problem+json"]);
      expect(body).toBe(unsigned.body);
    }
    expect(JSON.parse(unsigned.body)).toMatchObject({ code: "Unauthenticated", status: 401 });
    expect(await taken()).toBe(before);
  });

  it("what an automation rule of the site sends is taken once, however often it is delivered", async () => {
    await stack().call("jira", "setSecret", { automation: "the-new-secret" });
    await stack().call("jira", "habits", { sends: "automation" });
    const before = await taken();
    await stack().call("jira", "updateTicket", { number: "HR-7", fields: { summary: "Another summary" } });
    expect(await stack().call("jira", "redeliver", { index: -1, times: 3 })).toEqual([202, 202, 202]);
    expect(await taken()).toBe(before + 1);
    expect(await storedRows(stack(), "claims")).toEqual([]);
  });
});
