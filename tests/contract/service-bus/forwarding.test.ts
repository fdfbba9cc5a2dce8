import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveAll, useServiceBus } from "../../support/service-bus.ts";

describe("a queue that forwards", () => {
  const client = useServiceBus();

  it("passes on what is sent to it, and lets nobody receive", async () => {
    const sent = aMessage();
    await client().createSender(QUEUE.forwarded).sendMessages(sent);
    const [received] = await receiveAll(client().createReceiver(QUEUE.forwardGoal), 1);
    expect(received?.messageId).toBe(sent.messageId);
    await expect(client().createReceiver(QUEUE.forwarded).receiveMessages(1)).rejects.toThrow(/forward/i);
  });

  it("passes on what was scheduled when it comes due", async () => {
    const sent = aMessage();
    await client()
      .createSender(QUEUE.forwarded)
      .scheduleMessages(sent, new Date(Date.now() + 500));
    const [received] = await receiveAll(client().createReceiver(QUEUE.forwardGoal), 1);
    expect(received?.messageId).toBe(sent.messageId);
  });
});
