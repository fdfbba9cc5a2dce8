import { describe, expect, it } from "vitest";
import {
  aMessage,
  IS_AZURE,
  peekAll,
  QUEUE,
  receiveAll,
  receiveOne,
  useServiceBus,
} from "../../support/service-bus.ts";

const SEEN_LATE = "Azure takes expired messages away when it gets to it, and a peek shows them until then";

describe("time to live", () => {
  const client = useServiceBus();

  it("makes a dead letter where that is asked for", async () => {
    const sent = aMessage();
    await client().createSender(QUEUE.expiring).sendMessages(sent);
    const dead = client().createReceiver(QUEUE.expiring, { subQueueType: "deadLetter" });
    const [expired] = await receiveAll(dead, 1);
    expect(expired).toMatchObject({
      messageId: sent.messageId,
      deadLetterReason: "TTLExpiredException",
      deadLetterErrorDescription: "The message expired and was dead lettered.",
    });
  });

  it("lets a message vanish otherwise", async ({ skip }) => {
    skip(IS_AZURE, SEEN_LATE);
    await client().createSender(QUEUE.vanishing).sendMessages(aMessage());
    expect((await peekAll(QUEUE.vanishing)).length).toBe(1);
    await expect.poll(() => peekAll(QUEUE.vanishing), { timeout: 10_000 }).toEqual([]);
  });

  it("is what the message asks for, where that is shorter", async ({ skip }) => {
    skip(IS_AZURE, SEEN_LATE);
    const receiver = client().createReceiver(QUEUE.plain);
    const [short, long] = [aMessage({ timeToLive: 500 }), aMessage({ timeToLive: 60_000 })];
    await client().createSender(QUEUE.plain).sendMessages([short, long]);
    await expect.poll(async () => (await peekAll(QUEUE.plain)).length, { timeout: 10_000 }).toBe(1);
    const received = await receiveOne(receiver);
    expect(received).toMatchObject({ messageId: long.messageId, timeToLive: 60_000 });
    await receiver.completeMessage(received);
  });
});
