import { describe, expect, it } from "vitest";
import { useTriggeredApp } from "../../support/triggered-app.ts";

describe("a Service Bus trigger", () => {
  const app = useTriggeredApp({
    triggers: [
      { name: "fromQueue", queueName: "work" },
      { name: "mixed", queueName: "one-try" },
      { name: "fromTopic", topicName: "news", subscriptionName: "everything" },
      { name: "switchedOff", queueName: "left-alone" },
    ],
    queues: { work: { MaxDeliveryCount: 3 }, "one-try": { MaxDeliveryCount: 1 }, "left-alone": {} },
    topics: { news: ["everything"] },
    settings: { "AzureWebJobs.switchedOff.Disabled": "true" },
  });
  let before = 0;
  const seenNow = async (count: number) => {
    const seen = (await app().seen(before + count)).slice(before);
    before += count;
    return seen;
  };

  it("runs the function for a message and completes it", async () => {
    await app().send("work", { body: { text: "first" }, messageId: "m-first" });
    const [seen] = await seenNow(1);
    expect(seen).toMatchObject({ name: "fromQueue", body: { text: "first" }, metadata: { messageId: "m-first" } });
    await app().holds("work", 0);
  });

  it("abandons a message whose function throws, until the broker puts it away", async () => {
    await app().send("work", { body: { fail: true }, messageId: "m-poison" });
    const seen = await seenNow(3);
    expect(seen.map(({ metadata }) => metadata["deliveryCount"])).toEqual([1, 2, 3]);
    await app().holds("work/$DeadLetterQueue", 1);
    const [dead] = await app().peek("work/$DeadLetterQueue");
    expect(dead).toMatchObject({ messageId: "m-poison", deadLetterReason: "MaxDeliveryCountExceeded" });
    expect(app().counts("work").active).toBe(0);
  });

  it.each<[string, readonly boolean[]]>([
    ["the second", [false, true]],
    ["the first", [true, false]],
  ])("settles neighbours that end at the same moment by their own outcomes: %s fails", async (gate, fails) => {
    const dead = app().counts("one-try/$DeadLetterQueue").active;
    await app().send("one-try", ...fails.map((fail) => ({ body: { wait: gate, fail } })));
    await seenNow(2);
    await app().open(gate);
    await app().holds("one-try", 0);
    await app().holds("one-try/$DeadLetterQueue", dead + 1);
    expect((await app().peek("one-try/$DeadLetterQueue")).at(-1)).toMatchObject({ body: { fail: true } });
  });

  it("receives from a subscription of a topic", async () => {
    await app().send("news", { body: { text: "read all about it" } });
    expect(await seenNow(1)).toMatchObject([{ name: "fromTopic", body: { text: "read all about it" } }]);
    await app().holds("news/Subscriptions/everything", 0);
  });

  it("leaves the messages of a function alone that is switched off", async () => {
    await app().send("left-alone", { body: 1 });
    await app().send("work", { body: 2 });
    await seenNow(1);
    expect(app().counts("left-alone")).toEqual({ active: 1, locked: 0 });
  });
});
