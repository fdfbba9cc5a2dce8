import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveAll, useServiceBus } from "../../support/service-bus.ts";

describe("a message that is too large", () => {
  const client = useServiceBus();

  it("is refused, and the sender goes on", async () => {
    const sender = client().createSender(QUEUE.plain);
    const huge = aMessage({ body: Buffer.alloc(2 * 1024 * 1024) });
    await expect(sender.sendMessages(huge)).rejects.toMatchObject({ code: "MessageSizeExceeded" });
    const small = aMessage();
    await sender.sendMessages(small);
    const [received] = await receiveAll(client().createReceiver(QUEUE.plain), 1);
    expect(received?.messageId).toBe(small.messageId);
  });
});
