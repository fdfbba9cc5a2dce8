import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveOne, useServiceBus } from "../../support/service-bus.ts";

describe("a lock", () => {
  const client = useServiceBus();

  it("ends, and the message goes to the next receiver with a higher count", async () => {
    const sent = aMessage();
    await client().createSender(QUEUE.shortLock).sendMessages(sent);
    const [slow, next] = [
      client().createReceiver(QUEUE.shortLock, { maxAutoLockRenewalDurationInMs: 0 }),
      client().createReceiver(QUEUE.shortLock),
    ];
    const late = await receiveOne(slow);
    const again = await receiveOne(next);
    expect(again).toMatchObject({ messageId: sent.messageId, deliveryCount: 1 });
    await expect(slow.completeMessage(late)).rejects.toMatchObject({ code: "MessageLockLost" });
    await next.completeMessage(again);
  });

  it("lasts longer when it is renewed, and no longer when it is lost", async () => {
    await client().createSender(QUEUE.shortLock).sendMessages(aMessage());
    const receiver = client().createReceiver(QUEUE.shortLock);
    const message = await receiveOne(receiver);
    const before = Number(message.lockedUntilUtc);
    const until = await receiver.renewMessageLock(message);
    expect(Number(until)).toBeGreaterThan(before);
    await receiver.completeMessage(message);
    await expect(receiver.renewMessageLock(message)).rejects.toMatchObject({ code: "MessageLockLost" });
  });
});
