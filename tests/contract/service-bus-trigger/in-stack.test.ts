import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixtureApp } from "../../support/functions-app.ts";
import { useStack } from "../../support/stack.ts";

const MESSAGES = 50;
const SECOND_MS = 1_000;

describe("a Service Bus trigger in the stack", () => {
  const stack = useStack({
    only: ["broker", "host"],
    appDirectory: fixtureApp("service-bus"),
    settings: {
      QUEUE: "requests-chatbot",
      TRIGGERS: JSON.stringify([
        { name: "one", queueName: "%QUEUE%", connection: "" },
        { name: "many", queueName: "requests-pipeline", connection: "", cardinality: "many" },
      ]),
    },
  });
  let client: ServiceBusClient;
  beforeAll(() => {
    client = new ServiceBusClient(stack().addresses.serviceBus);
  });
  afterAll(() => client.close());
  const send = async (queue: string): Promise<void> => {
    const messages = Array.from({ length: MESSAGES }, (_, body) => ({ body }));
    await client.createSender(queue).sendMessages(messages);
  };
  const bodies = async (): Promise<unknown[]> => {
    const response = await fetch(`${stack().addresses.app}/api/seen`);
    return ((await response.json()) as { seen: { body: unknown }[] }).seen.flatMap(({ body }) => body);
  };

  it("has run for every message when the stack has settled", async () => {
    await send("requests-chatbot");
    await stack().settle();
    expect(await bodies()).toHaveLength(MESSAGES);
  });

  it("has run for every batch when the clock has moved", async () => {
    await send("requests-pipeline");
    await stack().clock.advance(SECOND_MS);
    expect(await bodies()).toHaveLength(2 * MESSAGES);
  });
});
