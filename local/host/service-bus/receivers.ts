import type { ServiceBusReceiver, ServiceBusReceiverOptions, ServiceBusSessionReceiver } from "@azure/service-bus";
import type { ListenerParts } from "./listener.ts";

/** Bodies stay bytes, and locks are renewed by us. */
const OPTIONS = {
  receiveMode: "peekLock",
  skipParsingBodyAsJson: true,
  skipConvertingDate: true,
  maxAutoLockRenewalDurationInMs: 0,
} as const satisfies ServiceBusReceiverOptions;

export function receiverOf({ client, trigger: { entity } }: ListenerParts): ServiceBusReceiver {
  return entity.kind === "queue"
    ? client.createReceiver(entity.queue, OPTIONS)
    : client.createReceiver(entity.topic, entity.subscription, OPTIONS);
}

/** The next session that has messages and no receiver. @throws Error if there is none in time */
export function nextSession({ client, trigger: { entity } }: ListenerParts): Promise<ServiceBusSessionReceiver> {
  return entity.kind === "queue"
    ? client.acceptNextSession(entity.queue, OPTIONS)
    : client.acceptNextSession(entity.topic, entity.subscription, OPTIONS);
}
