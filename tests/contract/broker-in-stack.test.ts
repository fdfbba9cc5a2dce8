import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aMessage, receiveNothing, receiveOne, RETRY_OPTIONS } from "../support/service-bus.ts";
import { useStack } from "../support/stack.ts";

const QUEUE = "requests-chatbot";
const HOUR_MS = 3_600_000;

describe("the broker of the stack", () => {
  const stack = useStack({ only: ["broker"] });
  let client: ServiceBusClient;
  beforeAll(() => {
    client = new ServiceBusClient(stack().addresses.serviceBus, { retryOptions: RETRY_OPTIONS });
  });
  afterAll(() => client.close());

  it("is found through stack.json, with a key of its own", () => {
    const file = JSON.parse(readFileSync(join(stack().dataDirectory, "stack.json"), "utf8")) as Record<string, string>;
    expect(file["serviceBus"]).toBe(stack().addresses.serviceBus);
    expect(file["serviceBus"]).toMatch(/^Endpoint=sb:.*;UseDevelopmentEmulator=true;$/);
    expect(file["serviceBus"]).not.toContain("SAS_KEY_VALUE");
  });

  it("holds the entities of the app", async () => {
    const entities = (await stack().call("broker", "entities")) as { entity: string }[];
    const names = entities.map(({ entity }) => entity).filter((name) => !name.endsWith("$DeadLetterQueue"));
    expect(names.toSorted()).toEqual([
      "activation-events",
      "activation-events/Subscriptions/chat",
      "activation-events/Subscriptions/siem",
      "requests-chatbot",
      "requests-oncall",
      "requests-pipeline",
      "requests-rejected",
      "ticket-events",
    ]);
  });

  it("gives every subscription of activation-events its copy, in the order of the activation", async () => {
    const sent = [1, 2, 3].map((body) => aMessage({ body, sessionId: "activation-1" }));
    await client.createSender("activation-events").sendMessages(sent);
    for (const name of ["siem", "chat"]) {
      const receiver = await client.acceptSession("activation-events", name, "activation-1");
      const received = [await receiveOne(receiver), await receiveOne(receiver), await receiveOne(receiver)];
      expect(received.map(({ body }) => body as number)).toEqual([1, 2, 3]);
      for (const message of received) await receiver.completeMessage(message);
      await receiver.close();
    }
  });

  it("lives by the clock of the stack: locks end and scheduled messages come when it is moved", async () => {
    const receiver = client.createReceiver(QUEUE);
    const sender = client.createSender(QUEUE);
    const [locked, later] = [aMessage(), aMessage()];
    await sender.sendMessages(locked);
    await receiveOne(receiver);
    await sender.scheduleMessages(later, new Date(stack().clock.now() + HOUR_MS));
    expect(await receiveNothing(receiver)).toEqual([]);
    await stack().clock.advance(2 * HOUR_MS);
    const received = [await receiveOne(receiver), await receiveOne(receiver)];
    expect(received.map(({ messageId, deliveryCount }) => [messageId, deliveryCount])).toEqual([
      [locked.messageId, 1],
      [later.messageId, 0],
    ]);
    for (const message of received) await receiver.completeMessage(message);
  });

  it("keeps what it acknowledged when it is killed, and comes back on its port", async () => {
    const sent = aMessage();
    await client.createSender(QUEUE).sendMessages(sent);
    await stack().kill("broker");
    await stack().start("broker");
    const receiver = client.createReceiver(QUEUE);
    const received = await receiveOne(receiver);
    expect(received.messageId).toBe(sent.messageId);
    await receiver.completeMessage(received);
  });

  it("takes its faults through the control API", async () => {
    await stack().call("broker", "faults", { kind: "full", entity: QUEUE });
    const sender = client.createSender(QUEUE);
    await expect(sender.sendMessages(aMessage())).rejects.toMatchObject({ code: "QuotaExceeded" });
    await expect(stack().call("broker", "faults", { kind: "rain" })).rejects.toThrow("kind is refuseLinks, delay");
    await expect(stack().call("broker", "messages", { entity: "moon" })).rejects.toThrow("there is no entity moon");
  });
});
