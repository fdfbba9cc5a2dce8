import { describe, expect, it } from "vitest";
import { useTriggeredApp } from "../../support/triggered-app.ts";

describe("a Service Bus trigger", () => {
  const app = useTriggeredApp({
    triggers: [{ name: "fromQueue", queueName: "work" }],
    queues: { work: { MaxDeliveryCount: 3 } },
  });

  it("runs the function for a message and completes it", async () => {
    await app().send("work", { body: { text: "first" }, messageId: "m-first" });
    const [seen] = await app().seen(1);
    expect(seen).toMatchObject({ name: "fromQueue", body: { text: "first" }, metadata: { messageId: "m-first" } });
    await app().holds("work", 0);
  });

  it("abandons a message whose function throws, until the broker puts it away", async () => {
    await app().send("work", { body: { fail: true }, messageId: "m-poison" });
    const seen = (await app().seen(4)).slice(1);
    expect(seen.map(({ metadata }) => metadata["deliveryCount"])).toEqual([1, 2, 3]);
    await app().holds("work/$DeadLetterQueue", 1);
    expect(app().counts("work").active).toBe(0);
  });
});
