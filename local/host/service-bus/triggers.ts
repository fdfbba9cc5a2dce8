import type { ServiceBusClient } from "@azure/service-bus";
import type { FunctionDefinition } from "../function-definition.ts";
import type { HostLog } from "../host-log.ts";
import type { Invoker } from "../invoker.ts";
import { readServiceBusSettings, type RetrySettings } from "./host-settings.ts";
import { BatchListener } from "./batch-listener.ts";
import type { Listener, ListenerParts } from "./listener.ts";
import { SessionListener } from "./session-listener.ts";
import { SingleListener } from "./single-listener.ts";
import { pathOf, readTrigger, type ServiceBusTrigger } from "./trigger.ts";

interface TriggerOptions {
  readonly definitions: readonly FunctionDefinition[];
  /** `extensions.serviceBus` of host.json. */
  readonly hostJson: unknown;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly invoker: Invoker;
  readonly log: HostLog;
}

const usesServiceBus = ({ trigger }: FunctionDefinition): boolean => trigger.type === "serviceBusTrigger";

/** The listeners of all functions with a Service Bus trigger, with one client for each connection. */
export class ServiceBusTriggers {
  /** The paths of what is received from. */
  readonly entities: readonly string[];
  readonly #listeners: readonly Listener[];
  readonly #clients: readonly ServiceBusClient[];

  private constructor(
    entities: readonly string[],
    listeners: readonly Listener[],
    clients: readonly ServiceBusClient[],
  ) {
    this.entities = entities;
    this.#listeners = listeners;
    this.#clients = clients;
  }

  /**
   * Reads the triggers without connecting; the client library is loaded only if there is one.
   * @throws Error with one sentence if the platform would not run one of them
   */
  static async open(options: TriggerOptions): Promise<ServiceBusTriggers> {
    const settings = readServiceBusSettings(options.hostJson);
    const triggers = options.definitions
      .filter(usesServiceBus)
      .map((definition) => readTrigger(definition, settings, options.environment));
    const clients = await clientsFor(triggers, settings.retry);
    const listeners = triggers.map((trigger) => {
      const client = clients.get(trigger.connectionString);
      if (!client) throw new Error(`The '${trigger.definition.name}' function is in error: it has no client.`);
      return listenerFor({ trigger, settings, client, invoker: options.invoker, log: options.log });
    });
    const entities = triggers.map(({ entity }) => pathOf(entity));
    return new ServiceBusTriggers(entities, listeners, [...clients.values()]);
  }

  start(): void {
    for (const listener of this.#listeners) listener.start();
  }

  /** Resolves when no message is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.idle()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.stop()));
  }

  /** Ends what `stop` could not: what is still locked comes again when its lock has run out. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

async function clientsFor(
  triggers: readonly ServiceBusTrigger[],
  retry: RetrySettings,
): Promise<Map<string, ServiceBusClient>> {
  const clients = new Map<string, ServiceBusClient>();
  if (triggers.length === 0) return clients;
  const { ServiceBusClient, RetryMode } = await import("@azure/service-bus");
  const retryOptions = {
    mode: RetryMode[retry.mode],
    timeoutInMs: retry.tryTimeoutMs,
    retryDelayInMs: retry.delayMs,
    maxRetryDelayInMs: retry.maxDelayMs,
    maxRetries: retry.maxRetries,
  };
  for (const { definition, connectionString } of triggers) {
    if (clients.has(connectionString)) continue;
    try {
      clients.set(connectionString, new ServiceBusClient(connectionString, { retryOptions }));
    } catch (error) {
      throw new Error(`The '${definition.name}' function is in error: its connection string cannot be read.`, {
        cause: error,
      });
    }
  }
  return clients;
}

function listenerFor(parts: ListenerParts): Listener {
  const { isBatch, isSessionsEnabled } = parts.trigger;
  if (isSessionsEnabled) return new SessionListener(parts);
  return isBatch ? new BatchListener(parts) : new SingleListener(parts);
}
