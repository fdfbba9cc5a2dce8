import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activationEvent, eventOf, type ActivationEvent } from "../../shared/contracts/activation-event.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HOUR_MS, HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { storedRows } from "../support/stored-rows.ts";

describe("events", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  let client: ServiceBusClient;
  beforeAll(() => {
    client = new ServiceBusClient(stack().addresses.serviceBus, { retryOptions: { retryDelayInMs: 200 } });
  });
  afterAll(() => client.close());

  /** Everything a subscriber got of one activation, in its order. */
  async function received(id: string, count: number, subscription = "siem"): Promise<readonly ActivationEvent[]> {
    const receiver = await client.acceptSession("activation-events", subscription, id, {
      receiveMode: "receiveAndDelete",
    });
    const events: ActivationEvent[] = [];
    while (events.length < count) {
      const messages = await receiver.receiveMessages(count, { maxWaitTimeInMs: 10_000 });
      if (messages.length === 0) break;
      events.push(...messages.map(({ body }) => activationEvent.parse(body)));
    }
    await receiver.close();
    return events;
  }

  /** What should have been told: one event for every record of the chain. */
  const expected = async (id: string): Promise<readonly ActivationEvent[]> =>
    (await app().audit(id)).map(
      (record) => JSON.parse(JSON.stringify(eventOf(record, stack().addresses.app))) as ActivationEvent,
    );

  const announcements = async (): Promise<number> =>
    (await storedRows(stack(), "pending")).filter((row) => (row as { kind?: string }).kind === "publish").length;

  it("tell every subscriber of every record, once and in order, with the record's hash", async () => {
    const ticket = await app().hold(ADA_GLOBAL);
    await stack().clock.advance(3 * HOUR_MS);
    const { id } = await app().activation(ticket);
    const all = await expected(id);
    expect(all.map(({ type }) => type)).toEqual([
      "zero-standing.activation.requested",
      "zero-standing.activation.step-up-proven",
      "zero-standing.activation.decided",
      "zero-standing.activation.grant-intended",
      "zero-standing.activation.granted",
      "zero-standing.activation.ended",
    ]);
    expect(await received(id, all.length)).toEqual(all);
    expect(await received(id, all.length, "chat")).toEqual(all);
    expect(await announcements()).toBe(0);
  });

  it("wait for a broker that is away, hold up neither the grant nor the end, and then come in order", async () => {
    const ticket = await app().askFor(HUGO_EXCHANGE);
    await stack().kill("broker");
    await app().decide("dev.patel", ticket);
    await stack().clock.advance(MINUTE_MS); // a front that rings through the queue lost its bell
    expect(await app().status(ticket)).toBe("Active");
    await stack().clock.advance(2 * HOUR_MS);
    const [grant] = await app().grants(ticket);
    expect(await app().status(ticket)).toBe("Ended");
    expect(Date.parse(grant?.endedAt ?? "")).toBeLessThanOrEqual(Date.parse(grant?.endsAt ?? ""));
    expect(await announcements()).toBeGreaterThan(0);
    await stack().start("broker");
    await stack().clock.advance(10 * MINUTE_MS);
    const { id } = await app().activation(ticket);
    const all = await expected(id);
    expect(all.length).toBeGreaterThanOrEqual(6);
    expect(await received(id, all.length)).toEqual(all);
    expect(await announcements()).toBe(0);
  });

  itKeptItsPromises(app);
});
