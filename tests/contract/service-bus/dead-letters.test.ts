import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveAll, receiveNothing, receiveOne, useServiceBus } from "../../support/service-bus.ts";

describe("a dead letter", () => {
  const client = useServiceBus();
  const deadLetters = (queue: string) => client().createReceiver(queue, { subQueueType: "deadLetter" });

  it("says why it is one", async () => {
    const sent = aMessage({ applicationProperties: { kept: 1 } });
    await client().createSender(QUEUE.plain).sendMessages(sent);
    const receiver = client().createReceiver(QUEUE.plain);
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: "reason",
      deadLetterErrorDescription: "description",
      extra: "more",
    });
    expect(await receiveNothing(receiver)).toEqual([]);
    const [dead] = await receiveAll(deadLetters(QUEUE.plain), 1);
    expect(dead).toMatchObject({
      messageId: sent.messageId,
      body: sent.body as unknown,
      deadLetterReason: "reason",
      deadLetterErrorDescription: "description",
    });
    expect(dead?.deadLetterSource).toBeUndefined();
    expect(dead?.applicationProperties).toMatchObject({ kept: 1, extra: "more" });
  });

  it("is made of a message that was delivered too often", async () => {
    const sent = aMessage();
    await client().createSender(QUEUE.twoTries).sendMessages(sent);
    const receiver = client().createReceiver(QUEUE.twoTries);
    await receiver.abandonMessage(await receiveOne(receiver));
    await receiver.abandonMessage(await receiveOne(receiver));
    const [dead] = await receiveAll(deadLetters(QUEUE.twoTries), 1);
    expect(dead).toMatchObject({
      messageId: sent.messageId,
      deadLetterReason: "MaxDeliveryCountExceeded",
      deadLetterErrorDescription: "Message could not be consumed after 2 delivery attempts.",
    });
  });

  it("stays however often it is abandoned", async () => {
    await client().createSender(QUEUE.twoTries).sendMessages(aMessage());
    const receiver = client().createReceiver(QUEUE.twoTries);
    await receiver.deadLetterMessage(await receiveOne(receiver));
    const dead = deadLetters(QUEUE.twoTries);
    for (let count = 0; count < 3; count += 1) await dead.abandonMessage(await receiveOne(dead));
    expect((await receiveAll(dead, 1)).length).toBe(1);
  });

  it("goes on to another queue where that is asked for, and tells where it is from", async () => {
    const sent = aMessage();
    await client().createSender(QUEUE.deadForwarded).sendMessages(sent);
    const receiver = client().createReceiver(QUEUE.deadForwarded);
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: "moved",
      deadLetterErrorDescription: "for a test",
    });
    const [moved] = await receiveAll(client().createReceiver(QUEUE.deadGoal), 1);
    expect(moved).toMatchObject({
      messageId: sent.messageId,
      deadLetterSource: QUEUE.deadForwarded,
      deadLetterReason: "moved",
    });
  });
});
