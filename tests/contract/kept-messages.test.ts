import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBusMessage, ServiceBusReceivedMessage } from "@azure/service-bus";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readConfigFile } from "../../local/broker/config/config-file.ts";
import { createBroker, type BrokerService } from "../../local/broker/service.ts";
import { createBus, type Bus } from "../../shared/adapters/service-bus/client.ts";
import { createHandoverQueue } from "../../shared/adapters/service-bus/handover-queue.ts";
import { createKeptMessages } from "../../shared/adapters/service-bus/kept-messages.ts";
import { createRequestQueues } from "../../shared/adapters/service-bus/request-queues.ts";
import { MOST_KEPT_BYTES } from "../../shared/ports/request-queues.ts";
import type { Shelf } from "../../shared/domain/kept-message.ts";
import { instant } from "../../shared/domain/time.ts";
import type { HeldMessage, KeptMessage, KeptMessages } from "../../shared/ports/kept-messages.ts";

const CONFIG = join(import.meta.dirname, "../../local/broker/config.json");
const AT = instant(Date.parse("2026-11-24T09:00:00Z"));
const WHY = { reason: "InvalidMessage", description: "role: is missing", at: AT };

const aMessageOf = (sender: string, originalId: string, body: Uint8Array) => ({
  sender,
  originalId,
  body: body.subarray(0, MOST_KEPT_BYTES),
  truncated: body.length > MOST_KEPT_BYTES,
});

async function sendAgain(held: HeldMessage, origin: string): Promise<string> {
  const copyId = await held.sendCopy(origin);
  await held.discard();
  return copyId;
}

describe("kept messages", () => {
  const directory = mkdtempSync(join(tmpdir(), "kept-"));
  let broker: BrokerService;
  let bus: Bus;
  let kept: KeptMessages;
  let refused: (sender: string, originalId: string, body?: string | Uint8Array) => Promise<void>;

  beforeAll(async () => {
    broker = createBroker({ config: readConfigFile(CONFIG), directory, port: 0 });
    await broker.start();
    bus = createBus({ connectionString: broker.connectionString });
    kept = createKeptMessages(bus, ["chatbot", "pipeline"]);
    const requests = createRequestQueues(bus);
    refused = (sender, originalId, body = `{"of":"${originalId}"}`) =>
      requests.reject(aMessageOf(sender, originalId, Buffer.from(body)), {
        ...WHY,
        id: `${sender}-${originalId}`,
      });
  });
  afterAll(async () => {
    await bus.client.close();
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const { entity } of (await broker.control["entities"]?.({})) as { entity: string }[])
      if (!entity.startsWith("activation-events")) await broker.control["purge"]?.({ entity });
  });

  const stateOf = async (entity: string): Promise<{ deliveryCount: number; state: string; locked: boolean }[]> =>
    (await broker.control["messages"]?.({ entity })) as { deliveryCount: number; state: string; locked: boolean }[];

  async function all(shelf: Shelf): Promise<readonly KeptMessage[]> {
    const found: KeptMessage[] = [];
    for (let after: KeptMessage["id"] | undefined; ;) {
      const { messages, next } = await kept.list(shelf, after);
      found.push(...messages);
      if (!next) return found;
      after = next;
    }
  }

  async function onQueue(queue: string): Promise<readonly ServiceBusReceivedMessage[]> {
    const receiver = bus.client.createReceiver(queue, { skipParsingBodyAsJson: true });
    const messages = await receiver.peekMessages(100);
    await receiver.close();
    return messages;
  }

  async function deadLetter(queue: string, ...messages: readonly ServiceBusMessage[]): Promise<void> {
    await bus.send(queue, messages);
    const receiver = bus.client.createReceiver(queue);
    for (let left = messages.length; left > 0; left--) {
      const [message] = await receiver.receiveMessages(1);
      if (message)
        await receiver.deadLetterMessage(message, {
          deadLetterReason: "MaxDeliveryCountExceeded",
          deadLetterErrorDescription: "",
        });
    }
    await receiver.close();
  }

  it("are listed page by page, each once, and looking at them changes nothing", async () => {
    for (let n = 1; n <= 205; n++) await refused("chatbot", `m-${n}`);
    const before = await stateOf("requests-rejected");
    const found = await all("rejected");
    expect(found.map(({ originalId }) => originalId)).toEqual(Array.from({ length: 205 }, (_, n) => `m-${n + 1}`));
    const middle = found[150];
    if (!middle) throw new Error("there is no 151st");
    expect(await kept.find("rejected", middle.id)).toEqual(middle);
    expect(middle).toMatchObject({
      origin: "requests-chatbot",
      reason: WHY.reason,
      description: WHY.description,
      isWhole: true,
    });
    expect(Buffer.from(middle.body).toString()).toBe('{"of":"m-151"}');
    expect(await stateOf("requests-rejected")).toEqual(before);
  });

  it("are sent again to where they came from, as they were, under an id that duplicate detection lets pass", async () => {
    await bus.send("requests-chatbot", { messageId: "m-1", body: Buffer.from("first") }); // the broker remembers m-1
    for (const n of [0, 1, 2]) await refused("chatbot", `m-${n}`);
    const [, second] = await all("rejected");
    const copyId = await kept.hold("rejected", second?.id ?? never(), (held) => sendAgain(held, "requests-chatbot"));
    expect(copyId).toBe(`m-1~r${second?.id.sequence}`);
    const [, copy] = await onQueue("requests-chatbot");
    expect([copy?.messageId, String(copy?.body)]).toEqual([copyId, '{"of":"m-1"}']);
    expect((await all("rejected")).map(({ originalId }) => originalId)).toEqual(["m-0", "m-2"]);
  });

  it("have one id for all copies of one message, and another one for every other message", async () => {
    await refused("chatbot", "m-1");
    await refused("chatbot", "m-1~r7");
    for (const { id } of await all("rejected")) {
      await kept.hold("rejected", id, (held) =>
        bus.send("requests-chatbot", { messageId: `m-1~r${id.sequence}`, body: held.message.body }),
      ); // as if it stopped between the copy and the completion
      await kept.hold("rejected", id, (held) => sendAgain(held, "requests-chatbot"));
    }
    expect(await onQueue("requests-chatbot")).toHaveLength(2);
    expect(await all("rejected")).toEqual([]);
  });

  it("are taken out one by one in any order, without bringing the others nearer to being given up", async () => {
    for (let n = 1; n <= 50; n++) await refused("pipeline", `m-${n}`);
    const found = await all("rejected");
    for (const n of [45, 3, 44, 50, 1]) {
      const { id } = found[n - 1] ?? never();
      expect(await kept.hold("rejected", id, async (held) => (await held.discard(), held.message.originalId))).toBe(
        `m-${n}`,
      );
    }
    const left = found
      .map(({ originalId }) => originalId)
      .filter((one) => !["m-45", "m-3", "m-44", "m-50", "m-1"].includes(one));
    expect((await all("rejected")).map(({ originalId }) => originalId)).toEqual(left);
    const states = await stateOf("requests-rejected");
    expect(new Set(states.map(({ deliveryCount, locked }) => `${deliveryCount} ${locked}`))).toEqual(
      new Set(["0 false"]),
    );
  });

  it("stay when nothing was decided about them, for whoever comes next", async () => {
    await refused("chatbot", "m-1");
    const [{ id } = never()] = await all("rejected");
    await expect(
      kept.hold("rejected", id, async () => {
        throw new Error("the audit trail is away");
      }),
    ).rejects.toThrow();
    await kept.hold("rejected", id, async () => undefined);
    expect(await kept.hold("rejected", id, async (held) => (await held.discard(), true))).toBe(true);
    expect(await kept.hold("rejected", id, async () => true)).toBeUndefined();
    expect(await kept.find("rejected", id)).toBeUndefined();
  });

  it("stay when their copy cannot be sent", async () => {
    await refused("chatbot", "m-1");
    const [{ id } = never()] = await all("rejected");
    await broker.control["faults"]?.({ kind: "full", entity: "requests-chatbot", times: 1_000 });
    const sending = kept.hold("rejected", id, (held) => sendAgain(held, "requests-chatbot"));
    await expect(sending).rejects.toMatchObject({ code: "Unavailable" });
    await broker.control["clearFaults"]?.({});
    await kept.hold("rejected", id, (held) => sendAgain(held, "requests-chatbot"));
    expect(await onQueue("requests-chatbot")).toHaveLength(1);
  });

  it("are held by one at a time", async () => {
    await refused("chatbot", "m-1");
    const [{ id } = never()] = await all("rejected");
    await kept.hold("rejected", id, async (held) => {
      await expect(kept.hold("rejected", id, (other) => other.discard())).rejects.toMatchObject({
        code: "Unavailable",
      });
      await held.discard();
    });
    expect(await all("rejected")).toEqual([]);
  });

  it("are not sent to a queue of a system that the policy does not name", async () => {
    await refused("oncall", "m-1");
    await createHandoverQueue(bus).reject(aMessageOf("ticket-events", "m-2", Buffer.from("?")), {
      ...WHY,
      id: "ticket-events-m-2",
    });
    expect((await all("rejected")).map(({ origin }) => origin)).toEqual([undefined, "ticket-events"]);
  });

  it("tell when they were cut off, and keep bytes that are no text", async () => {
    await refused("chatbot", "m-1", Buffer.alloc(210 * 1024, 120));
    await refused("chatbot", "m-2", Buffer.from([0xff, 0x00, 0x80]));
    const [cut, bytes] = await all("rejected");
    expect([cut?.isWhole, cut?.body.length]).toEqual([false, 200 * 1024]);
    expect([...(bytes?.body ?? [])]).toEqual([0xff, 0x00, 0x80]);
  });

  it("are the dead letters of every queue too, each sent again to its own", async () => {
    await deadLetter("ticket-events", {
      messageId: "ticket-1",
      body: Buffer.from("{}"),
      contentType: "application/json",
    });
    await deadLetter("requests-pipeline", {
      messageId: "m-1~4",
      body: { a: 1 },
      applicationProperties: { originalId: "m-1" },
    });
    await deadLetter("requests-oncall", { messageId: "m-9", body: "the policy does not name it" });
    const [request, handover, ...others] = await all("dead-letters");
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      origin: "requests-pipeline",
      originalId: "m-1",
      reason: "MaxDeliveryCountExceeded",
    });
    for (const { id, origin } of [request ?? never(), handover ?? never()])
      await kept.hold("dead-letters", id, (held) => sendAgain(held, origin ?? ""));
    expect((await onQueue("requests-pipeline")).map(({ messageId, body }) => [messageId, String(body)])).toEqual([
      [`m-1~d${request?.id.sequence}`, '{"a":1}'],
    ]);
    expect(await onQueue("ticket-events")).toMatchObject([
      { messageId: `ticket-1~d${handover?.id.sequence}`, contentType: "application/json" },
    ]);
    expect(await all("dead-letters")).toEqual([]);
  });

  it("of another shelf, of no shelf, or that never were are not there", async () => {
    await refused("chatbot", "m-1");
    const [{ id } = never()] = await all("rejected");
    for (const [shelf, wanted] of [
      ["dead-letters", id],
      ["rejected", { ...id, queue: "requests-chatbot" }],
      ["rejected", { ...id, sequence: "999999999999999999" }],
      ["dead-letters", { queue: "requests-oncall", sequence: "1" }],
    ] as const) {
      expect(await kept.find(shelf, wanted)).toBeUndefined();
      expect(await kept.hold(shelf, wanted, async () => true)).toBeUndefined();
    }
    expect((await kept.list("rejected", { queue: "moon", sequence: "1" })).messages).toEqual([]);
  });

  it("are listed although a queue is missing, which is named", async () => {
    await deadLetter("ticket-events", { messageId: "ticket-2", body: "{}" });
    await deadLetter("requests-pipeline", { messageId: "m-2", body: "{}" });
    const page = await createKeptMessages(bus, ["moon", "pipeline"]).list("dead-letters", undefined);
    expect(page.messages.map(({ origin }) => origin)).toEqual(["requests-pipeline", "ticket-events"]);
    expect([page.missing, page.next]).toEqual([["requests-moon"], undefined]);
    expect((await kept.list("dead-letters", undefined)).missing).toEqual([]);
  });

  it("are not taken for none when the bus is away", async () => {
    const away = createBus({ connectionString: broker.connectionString.replace(/:\d+;/, ":1;") });
    const list = createKeptMessages(away, []).list("rejected", undefined);
    await expect(list).rejects.toThrow(/^\[Unavailable\] service bus requests-rejected/);
    await away.client.close();
  });
});

function never(): never {
  throw new Error("there is no such message");
}
