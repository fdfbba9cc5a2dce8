import { describe, expect, it } from "vitest";
import { useTriggeredApp } from "../../support/triggered-app.ts";

const triggers = [
  { name: "fromQueue", queueName: "work" },
  { name: "inBatches", queueName: "batches", cardinality: "many" },
  { name: "inSessions", queueName: "sessions", isSessionsEnabled: true },
];
const queues = { work: { LockDuration: "PT1S" }, batches: {}, sessions: { RequiresSession: true } };

describe("Service Bus triggers whose broker goes away", () => {
  const app = useTriggeredApp({ triggers, queues });

  it("go on by themselves when it is back, and the app stays up meanwhile", async () => {
    await app().send("work", { body: "before" });
    await app().seen(1);
    await app().holds("work", 0);
    await app().restartBroker(async () => {
      expect((await app().report()).seen).toHaveLength(1);
      await expect
        .poll(() =>
          app()
            .log()
            .map(({ message }) => message),
        )
        .toContain("Service Bus trigger cannot receive");
    });
    await app().send("work", { body: "after" });
    await app().send("batches", { body: "after" });
    await app().send("sessions", { body: "after", sessionId: "s" });
    await app().seen(4);
    await app().holds("work", 0);
    await app().holds("batches", 0);
    await app().holds("sessions", 0);
  });

  it("run a message again that was under way, which lost its lock", async () => {
    await app().send("work", { body: { wait: "a" } });
    await app().seen(5);
    await app().restartBroker();
    await app().open("a");
    await app().seen(6);
    await app().holds("work", 0);
  });
});

describe("a host with Service Bus triggers that stops", () => {
  const app = useTriggeredApp({
    triggers: [{ name: "fromQueue", queueName: "work" }],
    queues: { work: { LockDuration: "PT1S" } },
    serviceBus: { maxConcurrentCalls: 1, prefetchCount: 5 },
  });

  it("completes what runs, and abandons what it had only fetched", async () => {
    await app().send("work", { body: { takesMs: 300 } }, { body: "fetched" });
    await expect.poll(() => app().counts("work").locked).toBe(2);
    await app().seen(1);
    await app().stack.stopProcess("host");
    expect(app().counts("work")).toEqual({ active: 1, locked: 0 });
    expect(await app().peek("work")).toMatchObject([{ body: "fetched", deliveryCount: 1 }]);
    await app().stack.start("host");
    expect((await app().seen(1))[0]).toMatchObject({ body: "fetched", metadata: { deliveryCount: 2 } });
    await app().holds("work", 0);
  });

  it("loses nothing when it is killed: the lock runs out", async () => {
    await app().send("work", { body: { wait: "never" } });
    await app().seen(2);
    await app().stack.kill("host");
    await app().stack.start("host");
    expect((await app().seen(1))[0]).toMatchObject({ body: { wait: "never" }, metadata: { deliveryCount: 2 } });
    await app().open("never");
    await app().holds("work", 0);
  });

  it("starts without the broker, says so, and connects later", async () => {
    await app().stack.stopProcess("host");
    await app().restartBroker(() => app().stack.start("host"));
    await app().send("work", { body: "at last" });
    await app().seen(1);
    expect(
      app()
        .log()
        .findLast(({ message }) => message === "Service Bus trigger cannot receive"),
    ).toMatchObject({
      function: "fromQueue",
      entity: "work",
      error: expect.stringContaining("ECONNREFUSED") as string,
    });
  });
});
