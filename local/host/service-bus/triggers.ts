import type { ServiceBusClient } from "@azure/service-bus";
import type { FunctionDefinition } from "../function-definition.ts";
import type { HostLog } from "../host-log.ts";
import type { Invoker } from "../invoker.ts";
import { readServiceBusSettings } from "./host-settings.ts";
import { Clients } from "./clients.ts";
import { BatchListener } from "./batch-listener.ts";
import type { Listener, ListenerParts } from "./listener.ts";
import { SessionListener } from "./session-listener.ts";
import { SingleListener } from "./single-listener.ts";
import { pathOf, readTrigger } from "./trigger.ts";

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
    const clients = new Clients();
    await clients.open(triggers, settings.retry);
    const { invoker, log } = options;
    const listeners = triggers.map((trigger) =>
      listenerFor({ trigger, settings, client: clients.of(trigger), invoker, log }),
    );
    const entities = triggers.map(({ entity }) => pathOf(entity));
    return new ServiceBusTriggers(entities, listeners, clients.all);
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

function listenerFor(parts: ListenerParts): Listener {
  const { isBatch, isSessionsEnabled } = parts.trigger;
  if (isSessionsEnabled) return new SessionListener(parts);
  return isBatch ? new BatchListener(parts) : new SingleListener(parts);
}
