import { describe, expect, it } from "vitest";
import { aMessage, peekAll, QUEUE, receiveNothing, receiveOne, useServiceBus } from "../../support/service-bus.ts";

const soon = (ms: number): Date => new Date(Date.now() + ms);

describe("a scheduled message", () => {
  const client = useServiceBus();

  it("comes when its time has come, and not before", async () => {
    const sender = client().createSender(QUEUE.plain);
    const receiver = client().createReceiver(QUEUE.plain);
    const [later, sooner] = [aMessage(), aMessage()];
    const due = soon(3_000);
    await sender.scheduleMessages(later, due);
    await sender.scheduleMessages(sooner, soon(1_500));
    expect(await receiveNothing(receiver)).toEqual([]);
    const received = [await receiveOne(receiver), await receiveOne(receiver)];
    expect(received.map(({ messageId }) => messageId)).toEqual([sooner.messageId, later.messageId]);
    expect(Number(received[1]?.enqueuedTimeUtc)).toBeGreaterThanOrEqual(Math.floor(Number(due) / 1000) * 1000);
    for (const message of received) await receiver.completeMessage(message);
  });

  it("never comes when it is cancelled", async () => {
    const sender = client().createSender(QUEUE.plain);
    const numbers = await sender.scheduleMessages([aMessage(), aMessage()], soon(60_000));
    await sender.cancelScheduledMessages(numbers);
    expect(await peekAll(QUEUE.plain)).toEqual([]);
    await expect(sender.cancelScheduledMessages(numbers)).rejects.toMatchObject({ code: "MessageNotFound" });
  });

  it("can be sent in the ordinary way, with the time as a property", async () => {
    const receiver = client().createReceiver(QUEUE.plain);
    const sent = aMessage({ scheduledEnqueueTimeUtc: soon(1_000) });
    await client().createSender(QUEUE.plain).sendMessages(sent);
    const [waiting] = await receiver.peekMessages(1);
    expect(waiting).toMatchObject({ messageId: sent.messageId, state: "scheduled" });
    const received = await receiveOne(receiver);
    expect(received.messageId).toBe(sent.messageId);
    await receiver.completeMessage(received);
  });
});
