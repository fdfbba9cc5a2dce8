import { InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { receiveRequest, type MessageDoor } from "../../../../functions/triggers/receive-request.servicebus.ts";
import { isFinal } from "../../../../shared/domain/activation.ts";
import type { ActivationId } from "../../../../shared/domain/ids.ts";
import type { SenderPolicy } from "../../../../shared/domain/policy.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, msOf, plus, SECOND_MS, type Instant } from "../../../../shared/domain/time.ts";
import { DependencyError } from "../../../../shared/ports/dependency-error.ts";
import type { ReceivedMessage, RepeatedMessage, RequestQueues } from "../../../../shared/ports/request-queues.ts";
import { ADA, aRole, CORA, EVA, MemoryWorld, ROLE } from "../../../support/memory-world.ts";

const GOOD = {
  version: 1,
  requestId: "chat-2026-0001",
  person: "ada",
  role: "Global Administrator",
  duration: "PT2H",
  justification: "Rotate the signing key",
  ticket: { system: "servicenow", number: "CHG0030192" },
};
type Metadata = Readonly<Record<string, unknown>>;
const RULES: SenderPolicy = { people: [ADA.key, EVA.key], roles: [ROLE], openAtMost: 2 };

/** The queues in memory; `fails` makes the next call of that kind fail. */
class MemoryQueues implements RequestQueues {
  readonly rejected: (ReceivedMessage & Parameters<RequestQueues["reject"]>[1])[] = [];
  readonly repeated: (RepeatedMessage & { readonly deliverAt: Instant })[] = [];
  fails: "again" | "reject" | undefined;

  async again(message: RepeatedMessage, deliverAt: Instant): Promise<void> {
    this.#fail("again");
    this.repeated.push({ ...message, deliverAt });
  }

  async reject(message: ReceivedMessage, why: Parameters<RequestQueues["reject"]>[1]): Promise<void> {
    this.#fail("reject");
    this.rejected.push({ ...message, ...why });
  }

  #fail(kind: "again" | "reject"): void {
    if (this.fails === kind) throw new DependencyError("Unavailable", "service bus: the queue is full");
  }
}

let world: MemoryWorld;
let queues: MemoryQueues;
let started: ActivationId[];
let door: MessageDoor;

beforeEach(() => {
  world = new MemoryWorld(aRole());
  const numberPattern = "CHG\\d{7}";
  const ticketSystems = { servicenow: { numberPattern } as never };
  world.policy = { ...world.policy, ticketSystems, senders: { chatbot: RULES } };
  queues = new MemoryQueues();
  started = [];
  const { clock, policies, store, audit, directory, log } = world.worker;
  const gatewayOf = () => ({ start: async (id: ActivationId) => void started.push(id) }) as never;
  door = { clock, policies, store, audit, directory, log, requests: queues, gatewayOf };
});

const context = (triggerMetadata: Metadata): InvocationContext => new InvocationContext({ triggerMetadata });
const receive = (body: unknown, metadata: Metadata = { messageId: "first-1" }, sender = "chatbot"): Promise<void> =>
  receiveRequest(door, sender)(
    body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)),
    context(metadata),
  );
const records = () =>
  [...world.tables.chains].filter(([subject]) => subject.startsWith("door-")).flatMap(([, all]) => all);
const reasons = (): readonly string[] => queues.rejected.map(({ reason }) => reason);

describe("a message of a sender's queue", () => {
  it("is claimed for the person it names, as that sender's, and started", async () => {
    await receive(GOOD);
    const [claim] = [...world.tables.claims.values()];
    expect(claim).toMatchObject({
      door: "message",
      sender: "chatbot",
      requestKey: GOOD.requestId,
      person: ADA.key,
      principalId: ADA.adminAccounts[0],
      use: 1,
      durationMs: 2 * HOUR_MS,
    });
    expect(started).toEqual([claim?.activationId]);
    expect([queues.rejected, queues.repeated, records()]).toEqual([[], [], []]);
  });

  it("is one activation, however often it comes", async () => {
    for (const messageId of ["first-1", "first-1", "another"]) await receive(GOOD, { messageId });
    await receive({ ...GOOD, requestId: "chat-2026-0002" });
    expect([world.tables.claims.size, started.length]).toEqual([1, 1]);
    expect(queues.rejected).toEqual([]);
  });

  it("addresses what is there, and never a further use of the ticket", async () => {
    world.policy = { ...world.policy, roles: [aRole({ usesPerTicket: 3 })] };
    await receive(GOOD);
    world.ticket = undefined;
    const state = await world.run(started[0]);
    expect(isFinal(state)).toBe(true);
    await receive({ ...GOOD, requestId: "chat-2026-0002" });
    expect([world.tables.claims.size, queues.rejected]).toEqual([1, []]);
  });
});

describe("a message that can start nothing", () => {
  it.each<[string, unknown, string]>([
    ["is no JSON", Buffer.from("{"), "InvalidMessage"],
    ["has no body", Buffer.alloc(0), "InvalidMessage"],
    ["lacks the person", { ...GOOD, person: undefined }, "InvalidMessage"],
    ["names nobody", { ...GOOD, person: "nobody" }, "SenderNotAllowed"],
    ["names a person of others", { ...GOOD, person: CORA.key }, "SenderNotAllowed"],
    ["names no role", { ...GOOD, role: "Nobody's Administrator" }, "SenderNotAllowed"],
    ["is for too long", { ...GOOD, duration: "PT5H" }, "DurationTooLong"],
    ["is for too short", { ...GOOD, duration: "PT1M" }, "DurationTooShort"],
    [
      "names a ticket of a system that is not read",
      { ...GOOD, ticket: { system: "jira", number: "OPS-1" } },
      "TicketSystemNotAllowed",
    ],
    [
      "names a number of another form",
      { ...GOOD, ticket: { system: "servicenow", number: "INC0030192" } },
      "TicketNumberInvalid",
    ],
    ["is for a person who is not eligible", { ...GOOD, person: EVA.key }, "NotEligible"],
    ["names an account of somebody else", { ...GOOD, account: CORA.adminAccounts[0] }, "NotEligible"],
  ])("because it %s is recorded, then kept with its reason in words", async (_name, body, reason) => {
    await receive(body);
    expect(queues.rejected).toMatchObject([{ sender: "chatbot", originalId: "first-1", reason, at: world.now }]);
    expect(queues.rejected[0]?.description).toMatch(/^[A-Zap].{10,}/);
    expect(records()).toMatchObject([
      {
        type: "MessageRejected",
        key: queues.rejected[0]?.id,
        actor: { kind: "sender", sender: "chatbot" },
        data: { reason },
      },
    ]);
    expect([world.tables.claims.size, started, queues.repeated]).toEqual([0, [], []]);
  });

  it("leaves nothing of its text in the trail", async () => {
    await receive({ ...GOOD, person: "hunter2", justification: "hunter2 is my password" }, { messageId: "hunter2" });
    expect(JSON.stringify(records())).not.toContain("hunter2");
  });

  it("of a sender that may not ask for the role, or that the policy does not know, tells nothing of people", async () => {
    world.policy = { ...world.policy, senders: { chatbot: { ...RULES, roles: [] } } };
    await receive(GOOD);
    await receive({ ...GOOD, person: "nobody" });
    await receive(GOOD, { messageId: "b" }, "pipeline");
    expect(new Set(queues.rejected.map(({ description }) => description)).size).toBe(1);
    expect(reasons()).toEqual(["SenderNotAllowed", "SenderNotAllowed", "SenderNotAllowed"]);
  });

  it("expired, if its sender did not want it any more", async () => {
    await receive(GOOD, { messageId: "a", expiresAtUtc: world.now });
    await receive(
      { ...GOOD, ticket: { system: "servicenow", number: "CHG0030193" } },
      { expiresAtUtc: plus(world.now, 1) },
    );
    expect([reasons(), started.length]).toEqual([["Expired"], 1]);
  });

  it("is recorded before its copy is sent, and once for all deliveries", async () => {
    queues.fails = "reject";
    await receive({});
    expect([records().length, queues.rejected.length, queues.repeated.length]).toEqual([1, 0, 1]);
    queues.fails = undefined;
    const { originalId, attempt, firstAt } = queues.repeated[0] as RepeatedMessage;
    world.now = plus(world.now, MINUTE_MS);
    await receive({}, { messageId: "first-1~1", applicationProperties: { originalId, attempt, firstAt } });
    await receive({});
    expect(records()).toHaveLength(1);
    expect(new Set(queues.rejected.map(({ id }) => id))).toEqual(new Set([records()[0]?.key]));
  });

  it("is not taken for another with the same id", async () => {
    await receive({ a: 1 });
    await receive({ b: 1 });
    expect(new Set(queues.rejected.map(({ id }) => id)).size).toBe(2);
  });
});

describe("what a message says about itself", () => {
  it.each<[string, object, Metadata]>([
    ["in its body", { sender: "oncall", from: "oncall" }, {}],
    ["in a body that imitates metadata", { applicationProperties: { sender: "oncall" }, messageId: "x" }, {}],
  ])("%s makes it invalid, and its sender is still the queue", async (_name, more, metadata) => {
    await receive({ ...GOOD, ...more }, { messageId: "first-1", ...metadata });
    expect(queues.rejected).toMatchObject([{ sender: "chatbot", originalId: "first-1", reason: "InvalidMessage" }]);
  });

  it("in its properties is ignored", async () => {
    const lies = { sender: "oncall", person: CORA.key, requestId: "other-request", role: "x", door: "http" };
    await receive(GOOD, { messageId: "first-1", ...lies, applicationProperties: lies, userProperties: lies });
    expect([...world.tables.claims.values()]).toMatchObject([
      { sender: "chatbot", person: ADA.key, requestKey: GOOD.requestId },
    ]);
  });

  it("where a host merged the body into the metadata, starts nothing all the same", async () => {
    const lies = { applicationProperties: { originalId: "other", attempt: 99, firstAt: "1970-01-01T00:00:00Z" } };
    await receive({ ...GOOD, ...lies }, { messageId: "first-1", ...lies });
    expect([reasons(), started]).toEqual([["InvalidMessage"], []]);
  });
});

describe("while what it needs does not answer", () => {
  const copies = (): Metadata => {
    const { originalId, attempt, firstAt, expiresAt } = queues.repeated.at(-1) as RepeatedMessage;
    return {
      messageId: `${originalId}~${attempt}`,
      applicationProperties: { originalId, attempt, firstAt, ...(expiresAt && { expiresAt }) },
    };
  };
  /** Delivers the last copy when it is due. */
  const nextDelivery = async (): Promise<void> => {
    world.now = queues.repeated.at(-1)?.deliverAt ?? world.now;
    await receive(GOOD, copies());
  };
  const down = (): void => void (world.directory.readsFail = true);

  it("a message comes again after pauses that grow from 15 seconds to an hour", async () => {
    down();
    const firstAt = world.now;
    await receive(GOOD);
    for (let copy = 1; copy < 12; copy += 1) await nextDelivery();
    const times = [firstAt, ...queues.repeated.map(({ deliverAt }) => deliverAt)].map(msOf);
    const pauses = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / SECOND_MS);
    expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]);
    expect(queues.repeated.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(new Set(queues.repeated.map(({ originalId, firstAt: first }) => `${originalId} ${first}`))).toEqual(
      new Set([`first-1 ${firstAt}`]),
    );
    world.directory.readsFail = false;
    await nextDelivery();
    expect([started.length, queues.repeated.length, queues.rejected]).toEqual([1, 12, []]);
  });

  it.each<[number, number]>([
    [5 * SECOND_MS, 15 * SECOND_MS],
    [90 * SECOND_MS, 90 * SECOND_MS],
    [2 * HOUR_MS, 2 * HOUR_MS],
    [365 * DAY_MS, DAY_MS],
  ])("who asks for %i ms gets them, within reason", async (retryAfterMs, pause) => {
    const fault = new DependencyError("Throttled", "Graph: 429", { retryAfterMs });
    door = { ...door, directory: { eligibilities: () => Promise.reject(fault) } };
    await receive(GOOD);
    expect(queues.repeated.map(({ deliverAt }) => deliverAt)).toEqual([plus(world.now, pause)]);
  });

  it("it is given up after three days, with the reason", async () => {
    down();
    await receive(GOOD);
    const firstAt = msOf(world.now);
    for (let copy = 0; queues.rejected.length === 0 && copy < 100; copy += 1) await nextDelivery();
    const waited = msOf(world.now) - firstAt;
    expect(waited).toBeGreaterThan(3 * DAY_MS);
    expect(waited).toBeLessThanOrEqual(3 * DAY_MS + HOUR_MS);
    expect(queues.rejected).toMatchObject([{ originalId: "first-1", reason: "Unavailable" }]);
    expect(records()).toMatchObject([{ type: "MessageRejected", data: { reason: "Unavailable" } }]);
  });

  it("and the trail does not either, it comes again even after three days", async () => {
    down();
    const { audit } = door;
    door = { ...door, audit: { append: () => Promise.reject(new DependencyError("Unavailable", "table storage")) } };
    await receive(GOOD);
    for (let copy = 1; copy < 90; copy += 1) await nextDelivery();
    expect([queues.rejected, msOf(world.now) - msOf(queues.repeated[0]?.firstAt ?? world.now) > 3 * DAY_MS]).toEqual([
      [],
      true,
    ]);
    door = { ...door, audit };
    await nextDelivery();
    expect([reasons(), records().length]).toEqual([["Unavailable"], 1]);
  });

  it("it does not outlive the time that its sender gave it, and is not lost without a word", async () => {
    down();
    await receive(GOOD, { messageId: "first-1", expiresAtUtc: plus(world.now, MINUTE_MS) });
    await nextDelivery();
    await nextDelivery();
    world.directory.readsFail = false;
    await nextDelivery();
    expect(queues.repeated).toHaveLength(3);
    expect([started, reasons()]).toEqual([[], ["Expired"]]);
  });

  it("and the bus takes no copy, the message is left to the trigger", async () => {
    down();
    queues.fails = "again";
    await expect(receive(GOOD)).rejects.toMatchObject({ code: "Unavailable" });
  });
});

describe("a bug", () => {
  it("is thrown on: the trigger delivers the message again, and what crashes always is a dead letter", async () => {
    door = { ...door, directory: { eligibilities: () => Promise.reject(new TypeError("x is not a function")) } };
    await expect(receive(GOOD)).rejects.toThrow(TypeError);
    expect([queues.rejected, queues.repeated, records()]).toEqual([[], [], []]);
  });

  it("of the start costs nothing: the claim is there, and the sweeper starts it", async () => {
    door = { ...door, gatewayOf: () => ({ start: () => Promise.reject(new Error("the task hub is away")) }) as never };
    await expect(receive(GOOD)).rejects.toThrow("the task hub is away");
    await receive(GOOD);
    expect(world.tables.claims.size).toBe(1);
    expect((await world.tables.store.due(plus(world.now, MINUTE_MS))).map(({ body }) => body.kind)).toEqual(["start"]);
  });
});

describe("a policy that changed after the claim", () => {
  it.each<[string, SenderPolicy | undefined, string]>([
    ["without the sender", undefined, "SenderNotAllowed"],
    ["without the person", { ...RULES, people: [EVA.key] }, "SenderNotAllowed"],
    ["without the role", { ...RULES, roles: [] }, "SenderNotAllowed"],
    ["with no room", { ...RULES, openAtMost: 0 }, "TooManyFromSender"],
  ])("%s refuses the activation before anybody is disturbed", async (_name, rules, reason) => {
    await receive(GOOD);
    world.policy = { ...world.policy, senders: rules ? { chatbot: rules } : {} };
    expect(await world.run(started[0])).toMatchObject({ status: "Refused", closing: { reason } });
    expect(world.mails.filter(({ to }) => to === CORA.mail)).toEqual([]);
  });

  it("lets go on what it still allows", async () => {
    await receive(GOOD);
    expect(await world.run(started[0])).toMatchObject({ status: "AwaitingStepUp" });
  });
});
