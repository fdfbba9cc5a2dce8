import { ServiceBusClient } from "@azure/service-bus";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HOUR_MS, HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { RETRY_OPTIONS } from "../support/service-bus.ts";
import { useStack } from "../support/stack.ts";
import { storedRows } from "../support/stored-rows.ts";

const QUEUE = "ticket-events";

describe("a front that hands over through the queue", () => {
  const stack = useStack({ settings: { HANDOVER: "queue" } });
  const app = (): RunningApp => new RunningApp(stack());

  async function waiting(entity: string): Promise<number> {
    const all = (await stack().call("broker", "entities")) as readonly { entity: string; active: number }[];
    return all.find((one) => one.entity === entity)?.active ?? -1;
  }

  it("goes from the webhook over step-up and approval to the grant and its end", async () => {
    const ticket = await app().hold(HUGO_EXCHANGE);
    expect(await app().status(ticket)).toBe("Active");
    expect(await app().grants(ticket)).toHaveLength(1);
    await stack().clock.advance(HOUR_MS + 2 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("Ended");
    const { id } = await app().activation(ticket);
    expect((await app().auditTypes(id)).toSorted()).toEqual([
      "ActivationRequested",
      "DecisionRecorded",
      "GrantIntended",
      "RoleEnded",
      "RoleGranted",
      "StepUpProven",
    ]);
    expect(await waiting(QUEUE)).toBe(0);
    expect(await waiting(`${QUEUE}/$DeadLetterQueue`)).toBe(0);
  });

  it("touches the task hub only from the worker's end of the queue: no message, no orchestration", async () => {
    await stack().call("broker", "faults", { kind: "full", entity: QUEUE, times: 1_000 });
    const before = (await storedRows(stack(), "deliveries")).length;
    const ticket = await app().openChange(ADA_GLOBAL);
    await stack().settle();
    expect(await app().activations(ticket)).toEqual([]);
    expect(await storedRows(stack(), "deliveries")).toHaveLength(before);
    const [status] = (await stack().call("servicenow", "redeliver", { index: -1, times: 1 })) as number[];
    expect(status).toBe(503);
    expect(await storedRows(stack(), "deliveries")).toHaveLength(before);

    await stack().call("broker", "clearFaults");
    expect(await stack().call("servicenow", "redeliver", { index: -1, times: 1 })).toEqual([202]);
    await stack().settle();
    expect(await app().status(ticket)).toBe("AwaitingStepUp");
  });

  it("loses no ask when a bell cannot be sent: the row stays and the worker finds it", async () => {
    const ticket = await app().openChange(HUGO_EXCHANGE, { short_description: "Another piece of work" });
    await stack().settle();
    await stack().call("broker", "faults", { kind: "full", entity: QUEUE, times: 1_000 });
    const page = await app().confirm(HUGO_EXCHANGE, ticket);
    expect(page.status).toBe(200);
    await stack().settle();
    expect(await app().status(ticket)).toBe("AwaitingStepUp");
    await stack().clock.advance(2 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("AwaitingApproval");
    await stack().call("broker", "clearFaults");
  });

  it("keeps what is no message of ours, with the reason, and goes on", async () => {
    const client = new ServiceBusClient(stack().addresses.serviceBus, { retryOptions: RETRY_OPTIONS });
    const body = { version: 1, kind: "ring", activationId: "../../etc" };
    await client.createSender(QUEUE).sendMessages({ messageId: "stray", body });
    await stack().settle();
    const [kept] = await client.createReceiver("requests-rejected").peekMessages(10);
    await client.close();
    expect(kept).toMatchObject({
      subject: "InvalidMessage",
      body,
      applicationProperties: {
        queue: QUEUE,
        originalId: "stray",
        description: expect.stringContaining("activationId") as unknown,
      },
    });
    const day = new Date(stack().clock.now()).toISOString().slice(0, 10);
    expect((await app().audit(`door-${day}`)).at(-1)).toMatchObject({
      type: "MessageRejected",
      actor: { kind: "system", part: "worker" },
      data: { reason: "InvalidMessage", message: sha256Hex("stray").slice(0, 32) },
    });
  });

  itKeptItsPromises(app);
});
