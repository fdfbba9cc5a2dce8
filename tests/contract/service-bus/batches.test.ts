import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveAll, useServiceBus } from "../../support/service-bus.ts";

describe("a batch", () => {
  const client = useServiceBus();

  it("comes in as its messages, in order", async () => {
    const sender = client().createSender(QUEUE.plain);
    const batch = await sender.createMessageBatch();
    const sent = Array.from({ length: 50 }, (_, index) => aMessage({ body: index, applicationProperties: { index } }));
    for (const message of sent) expect(batch.tryAddMessage(message)).toBe(true);
    await sender.sendMessages(batch);
    const received = await receiveAll(client().createReceiver(QUEUE.plain), sent.length);
    expect(received.map(({ messageId }) => messageId)).toEqual(sent.map(({ messageId }) => messageId));
    expect(received.at(-1)?.applicationProperties).toEqual({ index: 49 });
  });

  it("is full at the size that the queue takes", async () => {
    const sender = client().createSender(QUEUE.plain);
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBeGreaterThanOrEqual(262_144);
    const large = aMessage({ body: Buffer.alloc(batch.maxSizeInBytes - 2_000) });
    expect(batch.tryAddMessage(large)).toBe(true);
    expect(batch.tryAddMessage(aMessage({ body: Buffer.alloc(4_000) }))).toBe(false);
    await sender.sendMessages(batch);
    const [received] = await receiveAll(client().createReceiver(QUEUE.plain), 1);
    expect(received?.messageId).toBe(large.messageId);
  });
});
