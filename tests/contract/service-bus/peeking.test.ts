import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveOne, useServiceBus } from "../../support/service-bus.ts";

describe("peeking", () => {
  const client = useServiceBus();

  it("shows messages in order, locked ones too, and takes none", async () => {
    const sent = [aMessage(), aMessage(), aMessage()];
    await client().createSender(QUEUE.plain).sendMessages(sent);
    const receiver = client().createReceiver(QUEUE.plain);
    const locked = await receiveOne(receiver);
    const peeked = await receiver.peekMessages(2);
    const more = await receiver.peekMessages(10);
    expect([...peeked, ...more].map(({ messageId }) => messageId)).toEqual(sent.map(({ messageId }) => messageId));
    const { sequenceNumber } = peeked[1] ?? locked;
    const [second] = await receiver.peekMessages(1, sequenceNumber ? { fromSequenceNumber: sequenceNumber } : {});
    expect(second?.messageId).toBe(sent[1]?.messageId);
    await receiver.completeMessage(locked);
    for (let count = 0; count < 2; count += 1) await receiver.completeMessage(await receiveOne(receiver));
  });
});
