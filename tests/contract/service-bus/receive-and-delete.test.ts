import { describe, expect, it } from "vitest";
import { aMessage, peekAll, QUEUE, useServiceBus } from "../../support/service-bus.ts";

describe("receive and delete", () => {
  const client = useServiceBus();

  it("removes a message as it hands it over", async () => {
    const receiver = client().createReceiver(QUEUE.plain, { receiveMode: "receiveAndDelete" });
    const sent = [aMessage(), aMessage()];
    await client().createSender(QUEUE.plain).sendMessages(sent);
    const received = await receiver.receiveMessages(2, { maxWaitTimeInMs: 5_000 });
    expect(received.map(({ messageId }) => messageId)).toEqual(sent.map(({ messageId }) => messageId));
    expect(await peekAll(QUEUE.plain)).toEqual([]);
  });
});
