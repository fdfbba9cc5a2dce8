import { describe, expect, it } from "vitest";
import { useTriggeredApp } from "../../support/triggered-app.ts";

const TEN_MINUTES_MS = 600_000;
const IN_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/;

describe("the trigger metadata of a Service Bus message", () => {
  const app = useTriggeredApp({ triggers: [{ name: "fromQueue", queueName: "work" }], queues: { work: {} } });
  let before = 0;
  const metadataOf = async (message: Parameters<ReturnType<typeof app>["send"]>[1]) => {
    await app().send("work", message);
    return (await app().seen((before += 1))).at(-1)?.metadata ?? {};
  };

  it("has the names of the platform", async () => {
    const metadata = await metadataOf({
      body: "text",
      messageId: "m1",
      correlationId: "c1",
      subject: "a subject",
      contentType: "text/plain",
      to: "somebody",
      replyTo: "answers",
      replyToSessionId: "s2",
      timeToLive: TEN_MINUTES_MS,
      applicationProperties: { "My-Prop": "a", number: 1 },
    });
    expect(metadata).toEqual({
      deliveryCount: 1,
      lockToken: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      expiresAtUtc: expect.stringMatching(IN_UTC) as string,
      expiresAt: expect.stringMatching(WITH_OFFSET) as string,
      enqueuedTimeUtc: expect.stringMatching(IN_UTC) as string,
      enqueuedTime: expect.stringMatching(WITH_OFFSET) as string,
      messageId: "m1",
      contentType: "text/plain",
      replyTo: "answers",
      sequenceNumber: 1,
      to: "somebody",
      subject: "a subject",
      label: "a subject",
      correlationId: "c1",
      applicationProperties: { "my-Prop": "a", number: 1 },
      userProperties: { "my-Prop": "a", number: 1 },
      replyToSessionId: "s2",
    });
    const lifeMs = Date.parse(String(metadata["expiresAtUtc"])) - Date.parse(String(metadata["enqueuedTimeUtc"]));
    expect(lifeMs).toBe(TEN_MINUTES_MS);
  });

  it("leaves out what the message has not", async () => {
    expect(Object.keys(await metadataOf({ body: "text", messageId: "m2" })).toSorted()).toEqual([
      "applicationProperties",
      "deliveryCount",
      "enqueuedTime",
      "enqueuedTimeUtc",
      "expiresAt",
      "expiresAtUtc",
      "lockToken",
      "messageId",
      "sequenceNumber",
      "userProperties",
    ]);
  });

  it("is overwritten by a body that imitates its names, whatever their case", async () => {
    const body = { MessageId: "forged", deliverycount: 99, SubJect: true, roles: ["dropped"], person: { Name: "Ada" } };
    const metadata = await metadataOf({ body, messageId: "m3", applicationProperties: { sender: "chatbot" } });
    expect(metadata).toMatchObject({
      messageId: "forged",
      deliveryCount: 99,
      subJect: "True",
      person: { name: "Ada" },
      applicationProperties: { sender: "chatbot" },
    });
    expect(metadata).not.toHaveProperty("roles");
  });

  it("is not overwritten by a body that is a list, or no JSON", async () => {
    expect(await metadataOf({ body: [{ MessageId: "forged" }], messageId: "m4" })).toMatchObject({ messageId: "m4" });
    const broken = Buffer.from('{ "MessageId": "forged", }');
    expect(await metadataOf({ body: broken, messageId: "m5" })).toMatchObject({ messageId: "m5" });
  });
});
