import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from "@azure/service-bus";
import { afterAll, beforeAll, expect } from "vitest";
import { parseConfig } from "../../local/broker/config/config-file.ts";
import { createBroker, type BrokerService } from "../../local/broker/service.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { startStack } from "../../local/supervisor.ts";
import { fixtureApp, writeApp } from "./functions-app.ts";

const EXTENSION_BUNDLE = { id: "Microsoft.Azure.Functions.ExtensionBundle", version: "[4.*, 5.0.0)" };

export interface TriggeredApp {
  /** Options of the functions' triggers; see tests/fixtures/apps/service-bus. */
  readonly triggers: readonly Readonly<Record<string, unknown>>[];
  /** Queues of the broker with their properties, and topics with their subscriptions. */
  readonly queues?: Readonly<Record<string, object>>;
  readonly topics?: Readonly<Record<string, readonly string[]>>;
  /** `extensions.serviceBus` of host.json. */
  readonly serviceBus?: object;
  readonly settings?: Readonly<Record<string, string>>;
}

/** One run of the function, as it saw it. */
export interface Seen {
  readonly name: string;
  readonly body: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The fixture app on the embedded host, next to a broker in this process. */
export class RunningApp {
  readonly stack: Stack;
  readonly client: ServiceBusClient;
  readonly #revive: () => BrokerService;
  broker: BrokerService;

  /** `revive` makes the broker again, on its data and port. */
  constructor(stack: Stack, client: ServiceBusClient, broker: BrokerService, revive: () => BrokerService) {
    this.stack = stack;
    this.client = client;
    this.broker = broker;
    this.#revive = revive;
  }

  send(entity: string, ...messages: ServiceBusMessage[]): Promise<void> {
    return this.client.createSender(entity).sendMessages(messages);
  }

  async report(): Promise<{ readonly seen: Seen[]; readonly now: number; readonly most: number }> {
    const response = await fetch(`${this.stack.addresses.app}/api/seen`);
    return (await response.json()) as { seen: Seen[]; now: number; most: number };
  }

  /** What has been seen once it is so many. */
  async seen(count: number): Promise<Seen[]> {
    await expect.poll(async () => (await this.report()).seen.length, { timeout: 10_000, interval: 20 }).toBe(count);
    return (await this.report()).seen;
  }

  async open(gate: string): Promise<void> {
    await fetch(`${this.stack.addresses.app}/api/open/${gate}`, { method: "POST" });
  }

  /** Whatever is in an entity, locked or not. */
  async peek(entity: string): Promise<ServiceBusReceivedMessage[]> {
    const client = new ServiceBusClient(this.broker.connectionString);
    const messages = await client.createReceiver(entity).peekMessages(100);
    await client.close();
    return messages;
  }

  counts(entity: string): { readonly active: number; readonly locked: number } {
    const entities = this.broker.control["entities"]?.({}) as { entity: string; active: number; locked: number }[];
    const found = entities.find((candidate) => candidate.entity.toLowerCase() === entity.toLowerCase());
    if (!found) throw new Error(`the broker has no ${entity}`);
    return { active: found.active, locked: found.locked };
  }

  /** Until an entity holds that many messages. */
  async holds(entity: string, count: number): Promise<void> {
    await expect.poll(() => this.counts(entity).active, { timeout: 10_000, interval: 20 }).toBe(count);
  }

  log(): Record<string, unknown>[] {
    const lines = readFileSync(join(this.stack.dataDirectory, "host.log"), "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Stops the broker, and starts it again on the same data and port. */
  async restartBroker(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.broker.stop();
    await meanwhile();
    this.broker = this.#revive();
    await this.broker.start();
  }
}

const brokerOn = (directory: string, config: string, port: number): BrokerService =>
  createBroker({ config: parseConfig(config), directory: join(directory, "broker"), port });

/** The entities in the form of the official emulator. */
function configOf({ queues = {}, topics = {} }: TriggeredApp): string {
  const Queues = Object.entries(queues).map(([Name, Properties]) => ({ Name, Properties }));
  const Topics = Object.entries(topics).map(([Name, names]) => ({
    Name,
    Properties: {},
    Subscriptions: names.map((subscription) => ({ Name: subscription, Properties: {} })),
  }));
  return JSON.stringify({ UserConfig: { Namespaces: [{ Name: "triggers", Queues, Topics }] } });
}

export function writeTriggeredApp(directory: string, serviceBus?: object): string {
  return writeApp(directory, {
    source: readFileSync(join(fixtureApp("service-bus"), "app.js"), "utf8"),
    hostJson: { version: "2.0", extensionBundle: EXTENSION_BUNDLE, ...(serviceBus && { extensions: { serviceBus } }) },
  });
}

/** Starts broker and host for one suite. Call it inside `describe`; the answer works from the first test on. */
export function useTriggeredApp(app: TriggeredApp): () => RunningApp {
  const directory = mkdtempSync(join(tmpdir(), "triggers-"));
  let running: RunningApp | undefined;
  beforeAll(async () => {
    const config = configOf(app);
    const broker = brokerOn(directory, config, 0);
    await broker.start();
    const client = new ServiceBusClient(broker.connectionString, { retryOptions: { retryDelayInMs: 200 } });
    const stack = await startStack({
      dataDirectory: join(directory, "stack"),
      only: ["host"],
      appDirectory: writeTriggeredApp(directory, app.serviceBus),
      settings: {
        TRIGGERS: JSON.stringify(app.triggers),
        ServiceBusConnection: broker.connectionString,
        ...app.settings,
      },
    });
    const port = Number(new URL(/sb:[^;]+/.exec(broker.connectionString)?.[0] ?? "").port);
    running = new RunningApp(stack, client, broker, () => brokerOn(directory, config, port));
  });
  afterAll(async () => {
    await running?.client.close();
    await running?.stack.stop();
    await running?.broker.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    if (!running) throw new Error("the app is not there before the first test");
    return running;
  };
}
