import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startStack } from "../../../local/supervisor.ts";
import { writeApp } from "../../support/functions-app.ts";
import { writeTriggeredApp } from "../../support/triggered-app.ts";

const CONNECTION = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;";
const IDENTITY = { ServiceBusConnection__fullyQualifiedNamespace: "a.servicebus.windows.net" };
const QUEUE = { name: "q", queueName: "work" };

describe("the embedded host refuses a Service Bus trigger", () => {
  const directory = mkdtempSync(join(tmpdir(), "triggers-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const starting = (trigger: object, settings: Record<string, string>, serviceBus?: object) =>
    startStack({
      dataDirectory: join(directory, "data"),
      only: ["host"],
      appDirectory: writeTriggeredApp(directory, serviceBus),
      settings: { TRIGGERS: JSON.stringify([trigger]), ...settings },
    });

  it.each<[string, object, Record<string, string>, string]>([
    [
      "without a connection",
      QUEUE,
      {},
      "The 'q' function is in error: Service Bus connection 'ServiceBusConnection' does not exist.",
    ],
    [
      "without the default connection",
      { ...QUEUE, connection: "" },
      {},
      "Service Bus connection 'ServiceBus' does not exist. Make sure that it is a defined App Setting.",
    ],
    ["with a connection string for a name", { ...QUEUE, connection: CONNECTION }, {}, "'<< REDACTED >>"],
    [
      "with an identity that is none of the platform's",
      QUEUE,
      { ...IDENTITY, ServiceBusConnection__credential: "workloadidentity" },
      "ServiceBusConnection__credential can only be managedidentity here.",
    ],
    [
      "with an identity that has a secret",
      QUEUE,
      { ...IDENTITY, ServiceBusConnection__clientSecret: "s" },
      "ServiceBusConnection__clientSecret is not known here.",
    ],
    [
      "with a namespace that is an address",
      QUEUE,
      { ServiceBusConnection__fullyQualifiedNamespace: "sb://a.servicebus.windows.net" },
      "ServiceBusConnection__fullyQualifiedNamespace is no host name.",
    ],
    [
      "with a connection string that cannot be read",
      QUEUE,
      { ServiceBusConnection: "nonsense" },
      "The 'q' function is in error: its connection string cannot be read.",
    ],
    ["without a queue", { name: "q", queueName: "" }, { ServiceBusConnection: CONNECTION }, "needs queueName"],
    [
      "without a subscription",
      { name: "q", topicName: "t", subscriptionName: "" },
      { ServiceBusConnection: CONNECTION },
      "needs subscriptionName",
    ],
    [
      "with a setting without value",
      { name: "q", queueName: "%MISSING%" },
      { ServiceBusConnection: CONNECTION },
      "'%MISSING%' of the 'q' function does not resolve to a value.",
    ],
    [
      "with another cardinality",
      { ...QUEUE, cardinality: "some" },
      { ServiceBusConnection: CONNECTION },
      "cardinality is one or many",
    ],
  ])("%s", async (_, trigger, settings, reason) => {
    await expect(starting(trigger, settings)).rejects.toThrow(reason);
  });

  it.each<[object, string]>([
    [{ maxConcurrentCalls: 0 }, "extensions.serviceBus.maxConcurrentCalls in host.json is a whole number from 1 on"],
    [{ maxConcurrentCalls: "16" }, "extensions.serviceBus.maxConcurrentCalls in host.json"],
    [{ prefetchCount: -1 }, "extensions.serviceBus.prefetchCount in host.json is a whole number from 0 on"],
    [{ maxAutoLockRenewalDuration: "5 minutes" }, "maxAutoLockRenewalDuration in host.json is a time span"],
    [{ autoCompleteMessages: "yes" }, "extensions.serviceBus.autoCompleteMessages in host.json is true or false"],
    [{ minMessageBatchSize: 5, maxMessageBatchSize: 4 }, "minMessageBatchSize in host.json is larger than"],
    [{ messageHandlerOptions: {} }, "extensions.serviceBus.messageHandlerOptions in host.json is not known"],
    [{ transportType: "amqpWebSockets" }, "extensions.serviceBus.transportType in host.json can only be amqpTcp here"],
    [{ clientRetryOptions: { mode: "never" } }, "extensions.serviceBus.clientRetryOptions.mode in host.json"],
    [
      { clientRetryOptions: { delays: 1 } },
      "extensions.serviceBus.clientRetryOptions.delays in host.json is not known",
    ],
    [[], "extensions.serviceBus in host.json is not an object"],
  ])("with %j in host.json", async (serviceBus, reason) => {
    await expect(starting(QUEUE, { ServiceBusConnection: CONNECTION }, serviceBus)).rejects.toThrow(reason);
  });

  it("without an extension bundle", async () => {
    const source = `require("@azure/functions").app.serviceBusQueue("q", { queueName: "q", connection: "C", handler: () => undefined });`;
    const appDirectory = writeApp(directory, { source });
    const started = startStack({ dataDirectory: join(directory, "data"), only: ["host"], appDirectory });
    await expect(started).rejects.toThrow("The binding type(s) 'serviceBusTrigger' are not registered.");
  });
});
