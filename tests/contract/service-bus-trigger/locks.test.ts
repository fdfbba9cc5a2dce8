import { describe, expect, it } from "vitest";
import { receiveOne } from "../../support/service-bus.ts";
import { useTriggeredApp, type RunningApp } from "../../support/triggered-app.ts";

const SHORT_LOCK = { LockDuration: "PT1S", MaxDeliveryCount: 100 };

/** So many locks of a second have run out: a message that nobody renews came so often. */
async function locksRunOut(app: RunningApp, count: number): Promise<void> {
  await app.send("unrenewed", { body: "goes round" });
  const receiver = app.client.createReceiver("unrenewed", { maxAutoLockRenewalDurationInMs: 0 });
  let message = await receiveOne(receiver);
  for (let index = 0; index < count; index += 1) message = await receiveOne(receiver);
  await receiver.completeMessage(message);
  await receiver.close();
}

describe("the lock of a message", () => {
  const app = useTriggeredApp({
    triggers: [
      { name: "fromQueue", queueName: "work" },
      { name: "inBatches", queueName: "batches", cardinality: "many" },
      { name: "uncompleted", queueName: "uncompleted", autoCompleteMessages: false },
    ],
    queues: { work: SHORT_LOCK, batches: SHORT_LOCK, unrenewed: SHORT_LOCK, uncompleted: SHORT_LOCK },
  });

  it("is renewed while the function runs, also of two with one message id", async () => {
    await app().send("work", { body: { wait: "a" }, messageId: "twin" }, { body: { wait: "a" }, messageId: "twin" });
    await app().seen(2);
    await locksRunOut(app(), 3);
    await app().open("a");
    await app().holds("work", 0);
    expect((await app().report()).seen).toHaveLength(2);
  });

  it("is not renewed for a batch, which is lost when it takes too long", async () => {
    await app().send("batches", { body: { wait: "b" } });
    await app().seen(3);
    await locksRunOut(app(), 2);
    await app().open("b");
    const seen = await app().seen(4);
    expect(seen.at(-1)?.metadata).toMatchObject({ deliveryCountArray: [2] });
    await app().holds("batches", 0);
  });

  it("runs out when the function does not complete, and the message comes again", async () => {
    const before = (await app().report()).seen.length;
    await app().send("uncompleted", { body: "x" });
    const seen = (await app().seen(before + 2)).slice(before);
    expect(seen.map(({ metadata }) => metadata["deliveryCount"])).toEqual([1, 2]);
    expect(app().counts("uncompleted").active).toBe(1);
  });
});

describe("the lock of a message with maxAutoLockRenewalDuration 0", () => {
  const app = useTriggeredApp({
    triggers: [{ name: "fromQueue", queueName: "work" }],
    queues: { work: SHORT_LOCK },
    serviceBus: { maxAutoLockRenewalDuration: "00:00:00" },
  });

  it("runs out while the function still runs, and the message comes again", async () => {
    await app().send("work", { body: { wait: "a" } });
    const seen = await app().seen(2);
    expect(seen.map(({ metadata }) => metadata["deliveryCount"])).toEqual([1, 2]);
    await app().open("a");
    await app().holds("work", 0);
  });
});
