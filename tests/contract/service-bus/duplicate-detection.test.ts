import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveAll, receiveNothing, useServiceBus } from "../../support/service-bus.ts";

describe("duplicate detection", () => {
  const client = useServiceBus();

  it("keeps the first of all messages with one id, and says yes to every one", async () => {
    const sender = client().createSender(QUEUE.unique);
    const first = aMessage({ body: "first" });
    await sender.sendMessages(first);
    await Promise.all(Array.from({ length: 20 }, () => sender.sendMessages({ ...first, body: "again" })));
    await sender.sendMessages([
      { ...first, body: "in a batch" },
      { ...first, body: "in a batch" },
    ]);
    const receiver = client().createReceiver(QUEUE.unique);
    const [received] = await receiveAll(receiver, 1);
    expect(received?.body).toBe("first");
    expect(await receiveNothing(receiver)).toEqual([]);
  });

  it("remembers an id whose message was received already", async () => {
    const sender = client().createSender(QUEUE.unique);
    const receiver = client().createReceiver(QUEUE.unique);
    const sent = aMessage();
    await sender.sendMessages(sent);
    await receiveAll(receiver, 1);
    await sender.sendMessages(sent);
    expect(await receiveNothing(receiver)).toEqual([]);
  });

  it("counts a scheduled message from when it is scheduled", async () => {
    const sender = client().createSender(QUEUE.unique);
    const receiver = client().createReceiver(QUEUE.unique);
    const sent = aMessage();
    const numbers = await sender.scheduleMessages(sent, new Date(Date.now() + 60_000));
    await sender.sendMessages(sent);
    expect(await receiveNothing(receiver)).toEqual([]);
    await sender.cancelScheduledMessages(numbers);
  });
});
