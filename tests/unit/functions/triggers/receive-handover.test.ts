import { InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { queueGateway } from "../../../../functions/handover.ts";
import { receiveHandover, type HandoverDoor } from "../../../../functions/triggers/receive-handover.servicebus.ts";
import { createHandoverQueue } from "../../../../shared/adapters/service-bus/handover-queue.ts";
import type { ActivationId } from "../../../../shared/domain/ids.ts";
import type { AuditRecord } from "../../../../shared/domain/audit-event.ts";
import { instant, type Instant } from "../../../../shared/domain/time.ts";
import { DependencyError } from "../../../../shared/ports/dependency-error.ts";
import type { TicketEvent } from "../../../../shared/ports/workflow-gateway.ts";

const ID = "0123456789abcdef0123456789abcdef" as ActivationId;
const NOW = instant(Date.parse("2026-11-24T09:00:00Z"));
const EVENT: TicketEvent = { system: "servicenow", number: "CHG0030192", deliveryId: ID, receivedAt: NOW };

type Sent = { readonly queue: string; readonly messageId?: string; readonly body: Buffer; readonly at?: Date } & Record<
  string,
  unknown
>;

let sent: Sent[] = [];
let calls: unknown[][] = [];
let audited: unknown[] = [];
let logged: string[] = [];
let busFails = false;
let hubFails: Error | undefined;
let now: Instant = NOW;

const queue = createHandoverQueue({
  client: undefined as never,
  send: async (entity, messages) => {
    if (busFails) throw new DependencyError("Unavailable", "service bus: away");
    sent.push({ ...(messages as object), queue: entity } as unknown as Sent);
  },
});
const log = (level: string, message: string): void => void logged.push(`${level} ${message}`);
const gateway = queueGateway(queue, log);

const called =
  (name: string) =>
  async (...parameters: unknown[]): Promise<void> => {
    if (hubFails) throw hubFails;
    calls.push([name, ...parameters]);
  };
const door: HandoverDoor = {
  clock: { now: () => now },
  audit: {
    append: async (...record) => {
      audited.push(record);
      return {} as AuditRecord;
    },
  },
  handover: queue,
  gatewayOf: () => ({
    start: called("start"),
    ring: called("ring"),
    resumeGrants: called("resumeGrants"),
    change: called("change"),
    handleTicketEvent: called("handleTicketEvent"),
  }),
  log,
};
const receive = (body: unknown, triggerMetadata: Record<string, unknown> = { messageId: "m-1" }): Promise<void> =>
  receiveHandover(door)(body, new InvocationContext({ triggerMetadata }));
const ours = (changes: object): Buffer =>
  Buffer.from(JSON.stringify({ version: 1, kind: "ticketEvent", key: ID, event: EVENT, ...changes }));

beforeEach(() => {
  [sent, calls, audited, logged] = [[], [], [], []];
  [busFails, hubFails, now] = [false, undefined, NOW];
});

describe("the gateway over the queue", () => {
  it("does at its other end what was asked at this one", async () => {
    await gateway.start(ID);
    await gateway.ring(ID);
    await gateway.resumeGrants(ID);
    await gateway.handleTicketEvent(ID, EVENT);
    for (const { body } of sent) await receive(body);
    expect(calls).toEqual([
      ["start", ID],
      ["ring", ID],
      ["resumeGrants", ID],
      ["handleTicketEvent", ID, EVENT],
    ]);
    expect(new Set(sent.map((one) => one.queue))).toEqual(new Set(["ticket-events"]));
  });

  it("has one id for a start or a ticket event however often it is sent, and a new one for every bell", async () => {
    for (let time = 0; time < 2; time++) {
      await gateway.start(ID);
      await gateway.handleTicketEvent(ID, EVENT);
      await gateway.ring(ID);
      await gateway.resumeGrants(ID);
    }
    const ids = sent.map(({ messageId }) => messageId);
    expect([ids[0], ids[1]]).toEqual([ids[4], ids[5]]);
    expect(new Set(ids).size).toBe(6);
  });

  it("fails no door whose row is written, but the webhook, which has none", async () => {
    busFails = true;
    await gateway.start(ID);
    await gateway.ring(ID);
    await gateway.resumeGrants(ID);
    expect(logged).toEqual(["warn bell lost", "warn bell lost", "warn bell lost"]);
    await expect(gateway.handleTicketEvent(ID, EVENT)).rejects.toThrow("[Unavailable]");
  });
});

describe("receiveHandover", () => {
  it.each([
    ["an empty body", Buffer.alloc(0)],
    ["no JSON", Buffer.from("ring!")],
    ["another version", ours({ version: 2 })],
    ["an unknown kind", ours({ kind: "purge" })],
    ["a member too many", ours({ person: "ada.byron" })],
    ["an id that is none", ours({ key: "../instances" })],
    ["a ticket number that is none", ours({ event: { ...EVENT, number: "CHG1^ORactive=true" } })],
    ["an instant that is none", ours({ event: { ...EVENT, receivedAt: "soon" } })],
    ["a system that nobody knows", ours({ event: { ...EVENT, system: "remedy" } })],
  ])("keeps %s with the reason, and hands nothing on", async (_name, body) => {
    await receive(body, { messageId: "stray-1" });
    expect(calls).toEqual([]);
    expect(audited).toMatchObject([
      [`door-2026-11-24`, expect.stringMatching(/^ticket-events-[0-9a-f]{32}$/), { type: "MessageRejected" }],
    ]);
    expect(sent).toMatchObject([
      {
        queue: "requests-rejected",
        subject: "InvalidMessage",
        applicationProperties: { queue: "ticket-events", originalId: "stray-1" },
      },
    ]);
    expect(sent[0]?.body).toEqual(body);
  });

  it("leaves a bell that fails to the trigger, which delivers it again", async () => {
    hubFails = new Error("the task hub is away");
    await gateway.ring(ID);
    const [bell] = sent.splice(0);
    await expect(receive(bell?.body)).rejects.toThrow("the task hub is away");
    expect(sent).toEqual([]);
  });

  it("puts a ticket event that fails back, with growing pauses and the first delivery's id", async () => {
    hubFails = new Error("the task hub is away");
    await receive(ours({}), { messageId: `ticket-${ID}` });
    await receive(ours({}), { messageId: `ticket-${ID}~1`, applicationProperties: sent[0]?.["applicationProperties"] });
    expect(sent.map(({ messageId }) => messageId)).toEqual([`ticket-${ID}~1`, `ticket-${ID}~2`]);
    expect(sent.map((one) => (one["scheduledEnqueueTimeUtc"] as Date).toISOString())).toEqual([
      "2026-11-24T09:00:15.000Z",
      "2026-11-24T09:00:30.000Z",
    ]);
    expect(sent[1]?.["applicationProperties"]).toMatchObject({ originalId: `ticket-${ID}`, attempt: 2, firstAt: NOW });
  });

  it("throws when a failing ticket event cannot even be put back", async () => {
    [hubFails, busFails] = [new Error("the task hub is away"), true];
    await expect(receive(ours({}))).rejects.toThrow("[Unavailable]");
  });

  it("keeps a ticket event that failed for three days for people", async () => {
    hubFails = new Error("the task hub is away");
    now = instant(Date.parse("2026-11-27T09:00:01Z"));
    await receive(ours({}), {
      messageId: "m-1",
      applicationProperties: { originalId: "m-0", attempt: 40, firstAt: NOW },
    });
    expect(sent).toMatchObject([{ queue: "requests-rejected", subject: "Unavailable" }]);
  });
});
