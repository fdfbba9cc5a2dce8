import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { adminId } from "../../local/seed.ts";
import { plainText } from "../../local/testing/app-visitor.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { aRequest, useRequestMessages } from "../support/request-messages.ts";
import { HOUR_MS, HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { jsonOf, storedRows } from "../support/stored-rows.ts";

const HUGO = adminId(8);
const WITHOUT_WEBHOOK = false;
const RECORDS = [
  "ActivationRequested",
  "DecisionRecorded",
  "GrantIntended",
  "RoleEnded",
  "RoleGranted",
  "StepUpProven",
];

describe("requests that come in as messages", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  const messages = useRequestMessages(app);

  const openTicket = (): Promise<string> => app().openChange(HUGO_EXCHANGE, {}, WITHOUT_WEBHOOK);
  const claims = async (ticket: string): Promise<readonly { readonly door: string; readonly sender?: string }[]> =>
    (await storedRows(stack(), "claims"))
      .map((row) => jsonOf(row) as { readonly door: string; readonly ticket: { readonly number: string } })
      .filter((claim) => claim.ticket.number === ticket);

  const doors = {
    message: (ticket: string) => messages.send("chatbot", aRequest(HUGO_EXCHANGE, ticket)),
    webhook: (ticket: string) =>
      stack().call("servicenow", "updateTicket", {
        number: ticket,
        fields: { description: randomUUID() },
        webhook: true,
      }),
    http: async (ticket: string) => {
      const { version, requestId, person, ...body } = aRequest(HUGO_EXCHANGE, ticket);
      expect([version, requestId, person]).toHaveLength(3);
      const token = (await stack().call("login", "mint", { oid: HUGO })) as string;
      const response = await fetch(`${stack().addresses.app}/api/activations`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(202);
    },
  } as const satisfies Record<string, (ticket: string) => Promise<unknown>>;

  /** From the claim to the end of the role; what is left then. */
  async function live(ticket: string): Promise<Readonly<Record<string, unknown>>> {
    await app().confirm(HUGO_EXCHANGE, ticket);
    await stack().settle();
    await app().decide("dev.patel", ticket);
    await stack().settle();
    expect(await app().status(ticket)).toBe("Active");
    await stack().clock.advance(HOUR_MS + 2 * MINUTE_MS);
    const { id, state } = await app().activation(ticket);
    return {
      status: state.status,
      records: (await app().auditTypes(id)).toSorted(),
      grants: (await app().grants(ticket)).map(({ ended }) => ended),
      intents: (await storedRows(stack(), "activations", id)).filter(({ rowKey }) => rowKey?.startsWith("intent-"))
        .length,
      claims: (await claims(ticket)).length,
    };
  }
  const WHOLE = { status: "Ended", records: RECORDS, grants: ["expired"], intents: 1, claims: 1 };

  it("start an activation that goes through step-up, approval, grant and end", async () => {
    const ticket = await openTicket();
    await messages.sendMessages("chatbot", [{ body: aRequest(HUGO_EXCHANGE, ticket), messageId: randomUUID() }]);
    await messages.taken();
    expect(await app().status(ticket)).toBe("AwaitingStepUp");
    expect(await claims(ticket)).toMatchObject([{ door: "message", sender: "chatbot" }]);
    const page = await app()
      .adminOf("hugo.brandt")
      .open(await app().linkTo("hugo.brandt", ticket));
    expect(plainText(page.text)).toContain("The request was sent for you by the system chatbot.");
    const [requested] = await app().audit((await app().activation(ticket)).id);
    expect(requested).toMatchObject({ type: "ActivationRequested", actor: { kind: "sender", sender: "chatbot" } });
    expect(await live(ticket)).toEqual(WHOLE);
  });

  it.each([
    ["http", "webhook", "message"],
    ["http", "message", "webhook"],
    ["webhook", "http", "message"],
    ["webhook", "message", "http"],
    ["message", "http", "webhook"],
    ["message", "webhook", "http"],
  ] as const)("are the same claim with the same outcome by %s, %s and %s", async (...order) => {
    const ticket = await openTicket();
    for (const name of order) {
      await doors[name](ticket);
      await messages.taken();
    }
    const { id } = await app().activation(ticket);
    expect(await claims(ticket)).toMatchObject([{ door: order[0] === "webhook" ? "servicenow" : order[0] }]);
    expect(await live(ticket)).toEqual(WHOLE);
    for (const name of order) await doors[name](ticket).catch(() => undefined);
    await messages.taken();
    expect((await app().activation(ticket)).id).toBe(id);
  });

  it("by all doors at once are one activation as well", async () => {
    const ticket = await openTicket();
    await Promise.all([doors.message(ticket), doors.webhook(ticket), doors.http(ticket)]);
    await messages.taken();
    expect(await live(ticket)).toEqual(WHOLE);
  });

  it("two hundred copies at once, and all of them once more, are one instance, one intent and one grant", async () => {
    const ticket = await openTicket();
    const body = aRequest(HUGO_EXCHANGE, ticket);
    const copies = Array.from({ length: 200 }, () => ({ body, messageId: randomUUID() }));
    await messages.sendMessages("chatbot", copies);
    await messages.taken();
    await messages.sendMessages("chatbot", copies); // the broker drops them
    await messages.sendMessages("chatbot", [{ body, messageId: randomUUID() }]);
    await messages.taken();
    const { id } = await app().activation(ticket);
    expect(await instances(id)).toBe(1);
    expect(await live(ticket)).toEqual(WHOLE);
    await messages.sendMessages("oncall", [{ body, messageId: randomUUID() }]);
    await messages.taken();
    expect(await app().activations(ticket)).toHaveLength(1);
    expect([(await messages.rejected()).length, await messages.deadLetters()]).toEqual([0, 0]);
  });

  async function instances(id: string): Promise<number> {
    const url = `${stack().taskHubAddress}/runtime/webhooks/durabletask/instances?instanceIdPrefix=activation-${id}`;
    const response = await fetch(`${url}&code=${encodeURIComponent(stack().taskHubKey)}`);
    return ((await response.json()) as readonly unknown[]).length;
  }

  itKeptItsPromises(app);
});

describe("messages that can start nothing", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  const messages = useRequestMessages(app);
  const good = aRequest(HUGO_EXCHANGE, "CHG0090001");
  const { person, ...nobody } = good;
  const claims = async (): Promise<number> => (await storedRows(stack(), "claims")).length;

  it.each<[string, string, unknown, string, RegExp]>([
    ["no JSON", "chatbot", "role=Exchange Administrator", "InvalidMessage", /not JSON/],
    ["bytes that are no text", "chatbot", Buffer.from([0xff, 0xfe, 0x00]), "InvalidMessage", /not JSON/],
    ["nothing", "chatbot", Buffer.alloc(0), "InvalidMessage", /no body/],
    [
      "as many bytes as a message may have",
      "chatbot",
      Buffer.alloc(255 * 1024, "a"),
      "InvalidMessage",
      /more than 16384/,
    ],
    ["deep nesting", "chatbot", "[".repeat(8_000) + "]".repeat(8_000), "InvalidMessage", /nested too deeply/],
    ["another version", "chatbot", { ...good, version: 2 }, "InvalidMessage", /version must be 1/],
    ["an unknown member", "chatbot", { ...good, sender: "oncall" }, "InvalidMessage", /unknown members: sender/],
    ["no person", "chatbot", nobody, "InvalidMessage", /person is missing/],
    ["a person who is not there", "chatbot", { ...good, person: "no.body" }, "SenderNotAllowed", /may not ask/],
    ["a person of other senders", "pipeline", { ...good, person }, "SenderNotAllowed", /may not ask/],
    [
      "a role of other senders",
      "chatbot",
      { ...good, role: "Global Administrator" },
      "SenderNotAllowed",
      /may not ask/,
    ],
    [
      "a role that is not listed",
      "chatbot",
      { ...good, role: "Teams Administrator" },
      "SenderNotAllowed",
      /may not ask/,
    ],
    ["too long a time", "chatbot", { ...good, duration: "PT5H" }, "DurationTooLong", /longer/],
    ["a person without eligibility", "chatbot", { ...good, person: "kira.sato" }, "NotEligible", /not eligible/],
    [
      "a ticket of another form",
      "chatbot",
      { ...good, ticket: { system: "servicenow", number: "OPS-1" } },
      "TicketNumberInvalid",
      /form/,
    ],
    [
      "names of metadata",
      "chatbot",
      {
        ...good,
        messageId: "x",
        deliveryCount: 1,
        lockToken: "x",
        applicationProperties: { originalId: "x", sender: "oncall" },
      },
      "InvalidMessage",
      /unknown members: messageId, deliveryCount, lockToken, applicationProperties/,
    ],
  ])("with %s, of %s, are kept with their reason", async (_name, sender, body, reason, description) => {
    const messageId = randomUUID();
    const before = (await messages.rejected()).length;
    await messages.send(sender, body, { messageId, applicationProperties: { sender: "oncall", person: "ada.byron" } });
    await messages.taken();
    const [kept, ...more] = (await messages.rejected()).slice(before);
    expect(more).toEqual([]);
    expect(kept?.subject).toBe(reason);
    expect(kept?.applicationProperties).toMatchObject({ sender, originalId: messageId, reason });
    expect(kept?.applicationProperties?.["description"]).toMatch(description);
    const record = (await app().audit()).find(({ key }) => key === kept?.messageId);
    expect(record).toMatchObject({ type: "MessageRejected", actor: { kind: "sender", sender }, data: { reason } });
    expect([await claims(), await messages.deadLetters(), await messages.scheduled(sender)]).toEqual([0, 0, 0]);
  });

  it("are kept as they were sent, as far as they fit", async () => {
    const kept = await messages.rejected();
    expect(Buffer.from(kept[0]?.body as Uint8Array).toString()).toBe("role=Exchange Administrator");
    expect(kept[3]?.body).toHaveLength(200 * 1024);
    expect(kept[3]?.applicationProperties).toMatchObject({ truncated: true });
  });

  it("because they expired are gone before anybody sees them", async () => {
    const before = (await messages.rejected()).length;
    await stack().stopProcess("host");
    await messages.send("chatbot", good, { timeToLive: MINUTE_MS });
    await stack().clock.advance(2 * MINUTE_MS);
    await stack().start("host");
    await messages.taken();
    expect([await claims(), (await messages.rejected()).length, await messages.deadLetters()]).toEqual([0, before, 0]);
  });

  it("that crash whoever takes them are dead letters after ten deliveries, and hold nobody up", async () => {
    await messages.sendMessages("pipeline", [{ body: good, bodyType: "value", messageId: randomUUID() } as never]);
    await messages.taken();
    expect(await messages.deadLetters()).toBe(1);
    const before = (await messages.rejected()).length;
    await messages.send("pipeline", "not JSON");
    await messages.taken();
    expect([(await messages.rejected()).length, await messages.deadLetters()]).toEqual([before + 1, 1]);
  });

  it("with an id that was used are dropped for ten minutes; after that the body decides", async () => {
    const [messageId, one] = [randomUUID(), aRequest(HUGO_EXCHANGE, "CHG0090002")];
    const other = aRequest(HUGO_EXCHANGE, "CHG0090003");
    await messages.send("chatbot", one, { messageId });
    await messages.send("chatbot", other, { messageId });
    await messages.taken();
    expect(await claims()).toBe(1);
    await messages.advance(11 * MINUTE_MS);
    await messages.send("chatbot", one, { messageId });
    await messages.taken();
    expect(await claims()).toBe(1);
    await messages.advance(11 * MINUTE_MS);
    await messages.send("chatbot", other, { messageId });
    await messages.taken();
    expect(await claims()).toBe(2);
  });

  itKeptItsPromises(app);
});

describe("messages while something is away", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  const messages = useRequestMessages(app);
  const DAYS = { end_date: new Date(Date.now() + 20 * 24 * HOUR_MS).toISOString() };
  const openTicket = (): Promise<string> => app().openChange(HUGO_EXCHANGE, DAYS, WITHOUT_WEBHOOK);

  const breakDirectory = (retryAfter: number): Promise<unknown> =>
    stack().call("graph", "faults", {
      path: "roleEligibilityScheduleInstances",
      times: 10_000,
      fault: { kind: "status", status: 503, headers: { "retry-after": String(retryAfter) } },
    });

  it.each<[string, number, number, number]>([
    ["ten minutes", 10 * MINUTE_MS, 10, 6],
    ["a day", 24 * HOUR_MS, 24, 60],
  ])("come back after an outage of %s and start their activation", async (_name, outageMs, steps, retryAfter) => {
    const ticket = await openTicket();
    await breakDirectory(retryAfter);
    await messages.send("chatbot", aRequest(HUGO_EXCHANGE, ticket), { messageId: `first-${ticket}` });
    await messages.taken();
    expect(await messages.scheduled("chatbot")).toBe(1);
    await messages.advance(outageMs, steps);
    expect([await app().activations(ticket), await messages.scheduled("chatbot")]).toEqual([[], 1]);
    await stack().call("graph", "clearFaults");
    await messages.advance(HOUR_MS);
    expect(await app().status(ticket)).toBe("AwaitingStepUp");
    await app().confirm(HUGO_EXCHANGE, ticket);
    await stack().settle();
    await app().decide("dev.patel", ticket);
    await stack().settle();
    expect(await app().status(ticket)).toBe("Active");
    await stack().clock.advance(HOUR_MS + 2 * MINUTE_MS);
    expect([await messages.rejected(), await messages.deadLetters(), await messages.scheduled("chatbot")]).toEqual([
      [],
      0,
      0,
    ]);
  });

  it("are told apart from those that their sender does not want any more", async () => {
    await breakDirectory(6);
    const ticket = await openTicket();
    await messages.send("chatbot", aRequest(HUGO_EXCHANGE, ticket), { timeToLive: MINUTE_MS, messageId: "brief-1" });
    await messages.taken();
    await messages.advance(5 * MINUTE_MS, 5);
    await stack().call("graph", "clearFaults");
    expect((await messages.rejected()).map(({ applicationProperties }) => applicationProperties)).toMatchObject([
      { originalId: "brief-1", reason: "Expired" },
    ]);
    expect(await app().activations(ticket)).toEqual([]);
  });

  it("survive a host that is killed while it works on them: nothing is lost, nothing doubled", async () => {
    const ticket = await openTicket();
    const copies = Array.from({ length: 40 }, () => aRequest(HUGO_EXCHANGE, ticket));
    const others = Array.from({ length: 40 }, (_, at) => aRequest(HUGO_EXCHANGE, `CHG00${80_000 + at}`));
    await messages.send("chatbot", aRequest(HUGO_EXCHANGE, "CHG0079999")); // the tables are made when first needed
    await messages.taken();
    const before = (await storedRows(stack(), "claims")).length;
    const rejected = (await messages.rejected()).length;
    const bodies = others.flatMap((other, at) => [other, copies[at]]);
    await stack().stopProcess("host");
    await messages.sendMessages(
      "chatbot",
      bodies.map((body) => ({ body, messageId: randomUUID() })),
    );
    await stack().start("host");
    while ((await storedRows(stack(), "claims")).length < before + 5) await stack().call("broker", "status");
    await stack().kill("host");
    const left = (await messages.counts()).find(({ entity }) => entity === "requests-chatbot")?.active ?? 0;
    expect(left).toBeGreaterThan(0);
    await stack().start("host");
    await messages.advance(3 * MINUTE_MS); // longer than a lock, and than a message of the task hub is hidden
    await messages.advance(3 * MINUTE_MS);
    expect((await storedRows(stack(), "claims")).length).toBe(before + 41);
    const all = await app().activations();
    expect(all).toHaveLength(before + 41);
    expect(all.filter(({ state }) => state.status === "Requested")).toEqual([]);
    expect(await app().status(ticket)).toBe("AwaitingStepUp");
    expect([(await messages.rejected()).length, await messages.deadLetters()]).toEqual([rejected, 0]);
  });

  itKeptItsPromises(app);
});
