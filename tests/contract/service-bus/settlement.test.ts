import { describe, expect, it } from "vitest";
import { aMessage, peekAll, QUEUE, receiveNothing, receiveOne, useServiceBus } from "../../support/service-bus.ts";

describe("a message under lock", () => {
  const client = useServiceBus();
  const sendOne = async (): Promise<string> => {
    const message = aMessage({ applicationProperties: { kept: "yes", changed: "no" } });
    await client().createSender(QUEUE.plain).sendMessages(message);
    return message.messageId;
  };

  it("is gone once it is completed", async () => {
    const receiver = client().createReceiver(QUEUE.plain);
    await sendOne();
    await receiver.completeMessage(await receiveOne(receiver));
    expect(await receiveNothing(receiver)).toEqual([]);
    expect(await peekAll(QUEUE.plain)).toEqual([]);
  });

  it("comes back at once when it is abandoned, with its count and what was changed", async () => {
    const receiver = client().createReceiver(QUEUE.plain);
    const messageId = await sendOne();
    await receiver.abandonMessage(await receiveOne(receiver), { changed: "yes", added: 1 });
    const again = await receiveOne(receiver);
    expect(again).toMatchObject({ messageId, deliveryCount: 1 });
    expect(again.applicationProperties).toEqual({ kept: "yes", changed: "yes", added: 1 });
    await receiver.completeMessage(again);
  });

  it("comes back to its place in the order", async () => {
    const receiver = client().createReceiver(QUEUE.plain);
    const ids = [await sendOne(), await sendOne()];
    await receiver.abandonMessage(await receiveOne(receiver));
    const received = [await receiveOne(receiver), await receiveOne(receiver)];
    expect(received.map(({ messageId }) => messageId)).toEqual(ids);
    for (const message of received) await receiver.completeMessage(message);
  });

  it("is nobody else's", async () => {
    const receiver = client().createReceiver(QUEUE.plain);
    await sendOne();
    const message = await receiveOne(receiver);
    expect(await receiveNothing(client().createReceiver(QUEUE.plain))).toEqual([]);
    await receiver.completeMessage(message);
  });

  it("can be settled after its link is closed, by another call", async () => {
    const receiver = client().createReceiver(QUEUE.plain);
    await sendOne();
    const message = await receiveOne(receiver);
    await receiver.close();
    const other = client().createReceiver(QUEUE.plain);
    expect(await receiveNothing(other)).toEqual([]);
    await other.completeMessage(message);
    expect(await peekAll(QUEUE.plain)).toEqual([]);
  });

  it("settles many in any order of outcomes, each with its own", async () => {
    const receiver = client().createReceiver(QUEUE.plain);
    for (let count = 0; count < 6; count += 1) await sendOne();
    const messages = await receiver.receiveMessages(6, { maxWaitTimeInMs: 5_000 });
    expect(messages.length).toBe(6);
    for (const [index, message] of messages.entries()) {
      if (index % 3 === 0) await receiver.completeMessage(message);
      else if (index % 3 === 1) await receiver.deadLetterMessage(message);
      else await receiver.abandonMessage(message);
    }
    const left = await receiver.receiveMessages(6, { maxWaitTimeInMs: 1_000 });
    expect(left.map(({ messageId }) => messageId)).toEqual([2, 5].map((index) => messages[index]?.messageId));
    for (const message of left) await receiver.completeMessage(message);
    const dead = client().createReceiver(QUEUE.plain, { subQueueType: "deadLetter", receiveMode: "receiveAndDelete" });
    expect((await dead.receiveMessages(6, { maxWaitTimeInMs: 1_000 })).length).toBe(2);
  });
});
