import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveAll, receiveNothing, TOPIC, useServiceBus } from "../../support/service-bus.ts";

describe("a topic", () => {
  const client = useServiceBus();
  const subscription = (name: string) => client().createReceiver(TOPIC.news, name);
  const idsOf = (messages: readonly { messageId?: unknown }[]) => messages.map(({ messageId }) => messageId);

  it("gives each subscription what its rules take, each its own copy", async () => {
    const red = aMessage({ subject: "paint", applicationProperties: { colour: "red" } });
    const blue = aMessage({ subject: "paint", applicationProperties: { colour: "blue" } });
    const rose = aMessage({ subject: "flower", applicationProperties: { colour: "red" } });
    const sent = [red, blue, rose];
    await client().createSender(TOPIC.news).sendMessages(sent);
    expect(idsOf(await receiveAll(subscription("everything"), 3))).toEqual(idsOf(sent));
    expect(idsOf(await receiveAll(subscription("red"), 1))).toEqual([red.messageId]);
    expect(await receiveNothing(subscription("red"))).toEqual([]);
    expect(await receiveNothing(subscription("nothing"))).toEqual([]);
    expect(idsOf(await receiveAll(client().createReceiver(QUEUE.forwardGoal), 3))).toEqual(idsOf(sent));
  });

  it("schedules for all of them", async () => {
    const sent = aMessage();
    await client()
      .createSender(TOPIC.news)
      .scheduleMessages(sent, new Date(Date.now() + 500));
    expect(idsOf(await receiveAll(subscription("everything"), 1))).toEqual([sent.messageId]);
    expect(idsOf(await receiveAll(client().createReceiver(QUEUE.forwardGoal), 1))).toEqual([sent.messageId]);
  });

  it("has dead letters per subscription", async () => {
    const sent = aMessage();
    await client().createSender(TOPIC.news).sendMessages(sent);
    const receiver = subscription("everything");
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
    if (message)
      await receiver.deadLetterMessage(message, { deadLetterReason: "old", deadLetterErrorDescription: "news" });
    const dead = client().createReceiver(TOPIC.news, "everything", { subQueueType: "deadLetter" });
    const [letter] = await receiveAll(dead, 1);
    expect(letter).toMatchObject({ messageId: sent.messageId, deadLetterReason: "old" });
    await receiveAll(client().createReceiver(QUEUE.forwardGoal), 1);
  });
});
