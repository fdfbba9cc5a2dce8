import { describe, expect, it } from "vitest";
import { useTriggeredApp } from "../../support/triggered-app.ts";

describe("a Service Bus trigger with two concurrent calls", () => {
  const app = useTriggeredApp({
    triggers: [{ name: "fromQueue", queueName: "work" }],
    queues: { work: {} },
    serviceBus: { maxConcurrentCalls: 2 },
  });

  it("runs two at once, and the others when one has ended", async () => {
    const messages = ["a", "b", "c", "d"].map((wait) => ({ body: { wait } }));
    await app().send("work", ...messages);
    await app().seen(2);
    expect(app().counts("work")).toEqual({ active: 4, locked: 2 });
    await app().open("a");
    await app().seen(3);
    for (const gate of ["b", "c", "d"]) await app().open(gate);
    await app().holds("work", 0);
    expect((await app().report()).most).toBe(2);
  });
});

describe("a Service Bus trigger that fetches ahead", () => {
  const app = useTriggeredApp({
    triggers: [{ name: "fromQueue", queueName: "work" }],
    queues: { work: {} },
    serviceBus: { maxConcurrentCalls: 1, prefetchCount: 2 },
  });

  it("locks more messages than it runs", async () => {
    await app().send("work", ...["a", "b", "c", "d"].map((wait) => ({ body: { wait } })));
    await expect.poll(() => app().counts("work").locked).toBe(3);
    await app().seen(1);
    for (const gate of ["a", "b", "c", "d"]) await app().open(gate);
    await app().holds("work", 0);
    expect((await app().report()).most).toBe(1);
  });
});
