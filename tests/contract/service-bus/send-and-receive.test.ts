import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveAll, receiveOne, useServiceBus } from "../../support/service-bus.ts";

describe("a queue", () => {
  const client = useServiceBus();

  it("hands over what was sent, with every property it had", async () => {
    const sent = aMessage({
      body: { deep: { list: [1, "two", null, true] } },
      correlationId: "correlation",
      subject: "subject",
      contentType: "application/json",
      replyTo: "reply-to",
      to: "to",
      partitionKey: "key",
      timeToLive: 60_000,
      applicationProperties: { text: "ä", whole: 7, flag: false },
    });
    await client().createSender(QUEUE.plain).sendMessages(sent);
    const receiver = client().createReceiver(QUEUE.plain);
    const received = await receiveOne(receiver);
    const { applicationProperties, ...rest } = sent as unknown as Record<string, unknown>;
    expect(received).toMatchObject(rest);
    expect(received).toMatchObject({ deliveryCount: 0, state: "active" });
    expect(received.applicationProperties).toEqual(applicationProperties);
    expect(Math.abs(Date.now() - Number(received.enqueuedTimeUtc))).toBeLessThan(60_000);
    expect(Number(received.lockedUntilUtc)).toBeGreaterThan(Date.now());
    await receiver.completeMessage(received);
  });

  it.each([
    ["a text", "text"],
    ["bytes", Buffer.from([0, 1, 255])],
    ["nothing", null],
    ["200 KB in many frames", "x".repeat(200_000)],
  ])("keeps %s as body", async (_name, body) => {
    const receiver = client().createReceiver(QUEUE.plain);
    await client().createSender(QUEUE.plain).sendMessages(aMessage({ body }));
    const [received] = await receiveAll(receiver, 1);
    expect(received?.body).toEqual(body);
  });

  it("keeps the order in which one sender sent", async () => {
    const sender = client().createSender(QUEUE.plain);
    const sent = Array.from({ length: 20 }, (_, index) => aMessage({ body: index }));
    await Promise.all(sent.map((message) => sender.sendMessages(message)));
    const received = await receiveAll(client().createReceiver(QUEUE.plain), sent.length);
    expect(received.map(({ body }) => body as number)).toEqual(sent.map(({ body }) => body as number));
    const numbers = received.map(({ sequenceNumber }) => Number(sequenceNumber));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it("gives a message without id one", async () => {
    const receiver = client().createReceiver(QUEUE.plain);
    await client().createSender(QUEUE.plain).sendMessages({ body: "anonymous" });
    const [received] = await receiveAll(receiver, 1);
    expect(received?.messageId).toMatch(/^[0-9a-f]{32}$/);
  });

  it("shares its messages among receivers, each of them once", async () => {
    const receivers = [client().createReceiver(QUEUE.plain), client().createReceiver(QUEUE.plain)];
    const seen: string[] = [];
    const all = Promise.withResolvers<undefined>();
    const subscriptions = receivers.map((receiver) =>
      receiver.subscribe(
        {
          processMessage: async ({ messageId }) => {
            seen.push(String(messageId));
            if (seen.length === 40) all.resolve(undefined);
          },
          processError: async ({ error }) => all.reject(error),
        },
        { maxConcurrentCalls: 1 },
      ),
    );
    const sent = Array.from({ length: 40 }, () => aMessage());
    await client().createSender(QUEUE.plain).sendMessages(sent);
    await all.promise;
    expect(seen.toSorted()).toEqual(sent.map(({ messageId }) => messageId).toSorted());
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  });

  it("is not there under a name that nobody set up", async () => {
    const sender = client().createSender("no-such-queue");
    await expect(sender.sendMessages(aMessage())).rejects.toMatchObject({ code: "MessagingEntityNotFound" });
    const receiver = client().createReceiver("no-such-queue");
    await expect(receiver.receiveMessages(1)).rejects.toMatchObject({ code: "MessagingEntityNotFound" });
  });

  it("has a name whose case does not matter", async () => {
    const sent = aMessage();
    await client().createSender(QUEUE.plain.toUpperCase()).sendMessages(sent);
    const [received] = await receiveAll(client().createReceiver(QUEUE.plain), 1);
    expect(received?.messageId).toBe(sent.messageId);
  });
});
