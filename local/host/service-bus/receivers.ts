import type { ServiceBusReceiver, ServiceBusReceiverOptions } from "@azure/service-bus";
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
