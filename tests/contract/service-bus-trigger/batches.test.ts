import { describe, expect, it } from "vitest";
import { useTriggeredApp } from "../../support/triggered-app.ts";

describe("a Service Bus trigger with cardinality many", () => {
  const app = useTriggeredApp({
    triggers: [
      { name: "inBatches", queueName: "work", cardinality: "many" },
      { name: "binary", queueName: "binary", cardinality: "many", dataType: "binary" },
    ],
    queues: { work: { MaxDeliveryCount: 2 }, binary: {} },
    serviceBus: { maxMessageBatchSize: 3, autoCompleteMessages: true },
  });

  it("gets lists of bodies and of metadata, one batch at a time, and completes all of it", async () => {
    await app().send("work", { body: { wait: "a" } });
    await app().seen(1);
    const messages = [1, 2, 3, 4].map((n) => ({
      body: { n },
      messageId: `m-${n}`,
      ...(n === 2 && { subject: "two" }),
    }));
    await app().send("work", ...messages);
    expect(app().counts("work")).toEqual({ active: 5, locked: 1 });
    await app().open("a");
    const [, full, rest] = await app().seen(3);
    expect(full).toMatchObject({
      body: [{ n: 1 }, { n: 2 }, { n: 3 }],
      metadata: {
        messageIdArray: ["m-1", "m-2", "m-3"],
        subjectArray: [null, "two", null],
        deliveryCountArray: [1, 1, 1],
        applicationPropertiesArray: [{}, {}, {}],
      },
    });
    expect(full?.metadata).not.toHaveProperty("messageId");
    expect(full?.metadata).not.toHaveProperty("n");
    expect(rest?.body).toEqual([{ n: 4 }]);
    await app().holds("work", 0);
    expect((await app().report()).most).toBe(1);
  });

  it("abandons all of it when the function throws", async () => {
    const before = (await app().report()).seen.length;
    await app().send("work", { body: { n: 1 } }, { body: { fail: true } });
    await app().holds("work/$DeadLetterQueue", 2);
    const counts = (await app().report()).seen.slice(before).flatMap(({ metadata }) => metadata["deliveryCountArray"]);
    expect(counts).toEqual([1, 1, 2, 2]);
  });

  it("gets lists of bytes for dataType binary", async () => {
    await app().send("binary", { body: Buffer.from([0, 255]) });
    await app().holds("binary", 0);
    expect((await app().report()).seen.at(-1)?.body).toEqual([{ data: [0, 255], type: "Buffer" }]);
  });
});

describe("a Service Bus trigger with a smallest batch size", () => {
  const app = useTriggeredApp({
    triggers: [{ name: "inBatches", queueName: "work", cardinality: "many" }],
    queues: { work: {} },
    serviceBus: { minMessageBatchSize: 2, maxBatchWaitTime: "00:00:20" },
  });

  it("waits until there are enough", async () => {
    await app().send("work", { body: 1 });
    await expect.poll(() => app().counts("work").locked).toBe(1);
    await app().send("work", { body: 2 });
    expect((await app().seen(1))[0]?.body).toEqual([1, 2]);
  });
});
