import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import type { ServiceBusHostSettings } from "./host-settings.ts";

/** A receiver looks up this often whether the host stops; the client has no way to end a wait without losing messages. */
export const LOOK_MS = 1_000;
/** What comes right after the first message goes with it. The client knows this option, its types do not. */
const FOLLOWERS = { maxTimeAfterFirstMessageInMs: 20 };

/** The messages there are, at most so many; none if none comes for a while. @throws what the client throws */
export const receiveUpTo = (
  receiver: ServiceBusReceiver,
  count: number,
  waitMs: number,
): Promise<ServiceBusReceivedMessage[]> =>
  receiver.receiveMessages(count, { maxWaitTimeInMs: Math.max(1, waitMs), ...FOLLOWERS });

/** A batch: as many as there are, but waits for the smallest size as long as host.json says. */
export async function receiveBatch(
  receiver: ServiceBusReceiver,
  settings: ServiceBusHostSettings,
  waitMs: number,
  isStopping: () => boolean,
): Promise<ServiceBusReceivedMessage[]> {
  const { maxMessageBatchSize, minMessageBatchSize, maxBatchWaitMs } = settings;
  const messages = await receiveUpTo(receiver, maxMessageBatchSize, waitMs);
  const endsAt = performance.now() + maxBatchWaitMs;
  while (messages.length > 0 && messages.length < minMessageBatchSize && !isStopping()) {
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) break;
    messages.push(...(await receiveUpTo(receiver, maxMessageBatchSize - messages.length, Math.min(LOOK_MS, leftMs))));
  }
  return messages;
}
