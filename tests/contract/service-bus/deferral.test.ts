import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveNothing, receiveOne, useServiceBus } from "../../support/service-bus.ts";

describe("a deferred message", () => {
  const client = useServiceBus();

  it("waits until it is asked for by its number", async () => {
    const sent = aMessage();
    await client().createSender(QUEUE.plain).sendMessages(sent);
    const receiver = client().createReceiver(QUEUE.plain);
    const message = await receiveOne(receiver);
    const { sequenceNumber } = message;
    await receiver.deferMessage(message, { note: "later" });
    expect(await receiveNothing(receiver)).toEqual([]);
    if (!sequenceNumber) throw new Error("the message has no number");
    const [deferred] = await receiver.receiveDeferredMessages(sequenceNumber);
    expect(deferred).toMatchObject({
      messageId: sent.messageId,
      state: "deferred",
      applicationProperties: { note: "later" },
    });
    if (deferred) await receiver.completeMessage(deferred);
    await expect(receiver.receiveDeferredMessages(sequenceNumber)).rejects.toMatchObject({ code: "MessageNotFound" });
  });
});
