import type { ServiceBusClient, ServiceBusClientOptions } from "@azure/service-bus";
import type { Connection } from "./connection.ts";
import type { RetrySettings } from "./host-settings.ts";
import type { ServiceBusTrigger } from "./trigger.ts";

/** A client for each connection; loads the library, so only to be called if there is a trigger. */
export class Clients {
  readonly #clients = new Map<string, ServiceBusClient>();

  get all(): readonly ServiceBusClient[] {
    return [...this.#clients.values()];
  }

  /** @throws Error with one sentence that names the first function whose connection cannot be read */
  async open(triggers: readonly ServiceBusTrigger[], retry: RetrySettings): Promise<void> {
    for (const { definition, connection } of triggers) {
      if (this.#clients.has(keyOf(connection))) continue;
      try {
        this.#clients.set(keyOf(connection), await clientFor(connection, retry));
      } catch (error) {
        throw new Error(`The '${definition.name}' function is in error: its connection string cannot be read.`, {
          cause: error,
        });
      }
    }
  }

  of({ definition, connection }: ServiceBusTrigger): ServiceBusClient {
    const client = this.#clients.get(keyOf(connection));
    if (!client) throw new Error(`The '${definition.name}' function is in error: it has no client.`);
    return client;
  }
}

const keyOf = (connection: Connection): string => JSON.stringify(connection);

async function clientFor(connection: Connection, retry: RetrySettings): Promise<ServiceBusClient> {
  const { ServiceBusClient, RetryMode } = await import("@azure/service-bus");
  const options: ServiceBusClientOptions = {
    retryOptions: {
      mode: RetryMode[retry.mode],
      timeoutInMs: retry.tryTimeoutMs,
      retryDelayInMs: retry.delayMs,
      maxRetryDelayInMs: retry.maxDelayMs,
      maxRetries: retry.maxRetries,
    },
  };
  if (connection.kind === "key") return new ServiceBusClient(connection.connectionString, options);
  const { ManagedIdentityCredential } = await import("@azure/identity");
  const { clientId, fullyQualifiedNamespace } = connection;
  const credential = new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
  return new ServiceBusClient(fullyQualifiedNamespace, credential, options);
}
