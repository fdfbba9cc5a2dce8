import { describe, expect, it } from "vitest";
import { useTriggeredApp } from "../../support/triggered-app.ts";

describe("the body of a Service Bus message reaches the function", () => {
  const app = useTriggeredApp({
    triggers: [
      { name: "text", queueName: "text" },
      { name: "binary", queueName: "binary", dataType: "binary" },
    ],
    queues: { text: { MaxDeliveryCount: 1 }, binary: {} },
  });
  let before = 0;
  const received = async (queue: string, body: unknown, bodyType?: "value") => {
    const raw = bodyType && { body, bodyType };
    await app()
      .client.createSender(queue)
      .sendMessages(raw ?? { body });
    return (await app().seen((before += 1))).at(-1)?.body;
  };

  it.each<[string, unknown, unknown]>([
    ["an object", { a: [1, { b: null }] }, { a: [1, { b: null }] }],
    ["a number", 123, 123],
    ["text in JSON", "text", "text"],
    ["a text that is a number, as a number", Buffer.from("42"), 42],
    ["text that is no JSON, as it is", Buffer.from("not { json"), "not { json"],
    ["nothing, as empty text", Buffer.alloc(0), ""],
    ["null", null, null],
  ])("%s", async (_, sent, seen) => {
    expect((await received("text", sent)) ?? null).toEqual(seen);
  });

  it("as bytes for dataType binary", async () => {
    expect(await received("binary", Buffer.from([0, 255, 128]))).toEqual({ bytes: [0, 255, 128] });
  });

  it("an AMQP value that is text", async () => {
    expect(await received("text", "a value", "value")).toBe("a value");
  });

  it("not at all when it is another AMQP value: such a message is abandoned", async () => {
    await app()
      .client.createSender("text")
      .sendMessages({ body: { a: 1 }, bodyType: "value" });
    await app().holds("text/$DeadLetterQueue", 1);
    expect((await app().report()).seen).toHaveLength(before);
    expect(
      app()
        .log()
        .find(({ message }) => message === "Service Bus trigger cannot bind a message"),
    ).toMatchObject({
      level: "warning",
      function: "text",
      entity: "text",
    });
  });
});
