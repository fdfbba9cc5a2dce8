import { ServiceBusClient, type ServiceBusMessage, type ServiceBusSender } from "@azure/service-bus";
import type { TokenCredential } from "@azure/identity";
import { DependencyError } from "../../ports/dependency-error.ts";

export type BusSettings =
  | { readonly connectionString: string }
  | { readonly fullyQualifiedNamespace: string; readonly credential: TokenCredential };

/** One connection to the namespace, with a sender for every queue or topic that is used. */
export interface Bus {
  readonly client: ServiceBusClient;
  /** All or none. @throws DependencyError after the time-out at the latest */
  send(entity: string, messages: ServiceBusMessage | readonly ServiceBusMessage[], timeoutMs?: number): Promise<void>;
}

const SEND_WITHIN_MS = 5_000;
/** Short: who sends is run again anyway. A broker that comes back is found at once. */
const RETRIES = { maxRetries: 1, retryDelayInMs: 200, maxRetryDelayInMs: 500, timeoutInMs: 5_000 };

export function createBus(settings: BusSettings): Bus {
  const options = { retryOptions: RETRIES };
  const client =
    "connectionString" in settings
      ? new ServiceBusClient(settings.connectionString, options)
      : new ServiceBusClient(settings.fullyQualifiedNamespace, settings.credential, options);
  const senders = new Map<string, ServiceBusSender>();
  const senderOf = (entity: string): ServiceBusSender => {
    const sender = senders.get(entity) ?? client.createSender(entity);
    senders.set(entity, sender);
    return sender;
  };
  return {
    client,
    send: async (entity, messages, timeoutMs = SEND_WITHIN_MS) => {
      try {
        const abortSignal = AbortSignal.timeout(timeoutMs);
        const body = "body" in messages ? messages : [...messages];
        await senderOf(entity).sendMessages(body, { abortSignal });
      } catch (error) {
        throw busError(entity, error);
      }
    },
  };
}

const NO_ENTITY = "MessagingEntityNotFound";

/** In our words: the code of the SDK's error, never its text. */
export function busError(entity: string, error: unknown): DependencyError {
  const code = codeOf(error);
  const lasting = ["UnauthorizedAccess", NO_ENTITY, "MessagingEntityDisabled"].includes(code ?? "");
  return new DependencyError(lasting ? "Misconfigured" : "Unavailable", `service bus ${entity}: ${code ?? "failed"}`, {
    cause: error,
  });
}

/** Whether the namespace has no such queue or topic. */
export const isWithoutEntity = (error: unknown): boolean =>
  error instanceof DependencyError && codeOf(error.cause) === NO_ENTITY;

function codeOf(error: unknown): string | undefined {
  const { name, code = name } = (error ?? {}) as { readonly name?: string; readonly code?: string };
  return code;
}
