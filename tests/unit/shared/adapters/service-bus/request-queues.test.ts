import type { ServiceBusMessage } from "@azure/service-bus";
import { describe, expect, it } from "vitest";
import { deliveryOf } from "../../../../../functions/triggers/message-delivery.ts";
import { createRequestQueues } from "../../../../../shared/adapters/service-bus/request-queues.ts";
import { MOST_KEPT_BYTES, type RepeatedMessage } from "../../../../../shared/ports/request-queues.ts";

const AT = "2026-11-24T09:00:15.000Z";
const NOW = "2026-11-24T09:00:00.000Z";
const MESSAGE: RepeatedMessage = {
  sender: "chatbot",
  originalId: "first-1",
  body: Buffer.from("{}"),
  truncated: false,
  attempt: 1,
  firstAt: NOW,
  expiresAt: undefined,
};

/** What goes over the bus. */
async function sent(run: (queues: ReturnType<typeof createRequestQueues>) => Promise<void>) {
  const messages: { readonly entity: string; readonly message: ServiceBusMessage }[] = [];
  const send = async (entity: string, message: unknown): Promise<void> =>
    void messages.push({ entity, message: message as ServiceBusMessage });
  await run(createRequestQueues({ client: {} as never, send }));
  const [only] = messages;
  if (!only || messages.length > 1) throw new Error(`${messages.length} messages were sent`);
  return only;
}

describe("a message that is put back", () => {
  it("goes to its own queue, for later, under an id of the attempt", async () => {
    const { entity, message } = await sent((queues) => queues.again(MESSAGE, AT));
    expect(entity).toBe("requests-chatbot");
    expect(message).toMatchObject({ messageId: "first-1~1", scheduledEnqueueTimeUtc: new Date(AT) });
  });

  it.each<[string, Partial<RepeatedMessage>]>([
    ["plain", {}],
    ["that expires", { expiresAt: "2026-11-24T12:00:00.000Z" }],
    ["cut", { truncated: true, attempt: 9 }],
    ["with a long id", { originalId: "x".repeat(128) }],
  ])("is read back as it was: %s", async (_name, more) => {
    const before = { ...MESSAGE, ...more };
    const { message } = await sent((queues) => queues.again(before, AT));
    const { applicationProperties, messageId } = message;
    const after = deliveryOf("chatbot", message.body, { applicationProperties, messageId }, AT);
    expect(after).toEqual(before);
  });

  it("has an id within the limit of the service, and one for each message", async () => {
    const ids = ["x".repeat(128), `${"x".repeat(127)}y`].map(async (originalId) => {
      const { message } = await sent((queues) => queues.again({ ...MESSAGE, originalId }, AT));
      return String(message.messageId);
    });
    const [one = "", other = ""] = await Promise.all(ids);
    expect([one.length <= 128, one === other]).toEqual([true, false]);
  });
});

describe("a message that is rejected", () => {
  it("is kept with its reason and description, under the key of its audit record", async () => {
    const why = { id: "chatbot-0123", reason: "InvalidMessage", description: "role is missing", at: AT };
    const { entity, message } = await sent((queues) => queues.reject(MESSAGE, why));
    expect(entity).toBe("requests-rejected");
    expect(message).toEqual({
      messageId: "chatbot-0123",
      subject: "InvalidMessage",
      body: Buffer.from("{}"),
      applicationProperties: {
        sender: "chatbot",
        originalId: "first-1",
        reason: "InvalidMessage",
        description: "role is missing",
        rejectedAt: AT,
        truncated: false,
      },
    });
  });

  it("fits into a message, however large it was", () => {
    const { body } = deliveryOf("chatbot", Buffer.alloc(262_144), {}, NOW);
    expect(body.length).toBe(MOST_KEPT_BYTES);
    expect(262_144 - body.length).toBeGreaterThan(50_000);
  });
});
