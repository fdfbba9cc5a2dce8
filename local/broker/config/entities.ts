import {
  DEFAULT_ENTITY,
  type EntitySettings,
  type QueueSettings,
  type SubscriptionSettings,
  type TopicSettings,
} from "../model/settings.ts";
import { Reader } from "./reader.ts";
import { readRule } from "./rules.ts";

const LONGEST_LOCK_MS = 5 * 60_000;
const DEFAULT_WINDOW_MS = 10 * 60_000;
const LONGEST_NAME = 260;

export const readQueue = (queue: Reader): QueueSettings => ({
  name: nameIn(queue),
  ...readProperties(propertiesOf(queue), true),
});

export function readTopic(topic: Reader): TopicSettings {
  const properties = propertiesOf(topic);
  return {
    name: nameIn(topic),
    ttlMs: properties.at("DefaultMessageTimeToLive").durationMs(Infinity),
    duplicateWindowMs: windowIn(properties),
    maxMessageBytes: messageBytesIn(properties),
    maxBytes: bytesIn(properties),
    subscriptions: topic.at("Subscriptions").items().map(readSubscription),
  };
}

function readSubscription(subscription: Reader): SubscriptionSettings {
  const rules = subscription.at("Rules").items().map(readRule);
  return {
    name: nameIn(subscription),
    ...readProperties(propertiesOf(subscription), false),
    rules: rules.length === 0 ? [{ kind: "all" }] : rules,
  };
}

function readProperties(properties: Reader, isQueue: boolean): EntitySettings {
  const lockMs = properties.at("LockDuration").durationMs(DEFAULT_ENTITY.lockMs);
  if (lockMs > LONGEST_LOCK_MS) properties.at("LockDuration").fail("is longer than five minutes (PT5M)");
  return {
    lockMs,
    maxDeliveryCount: properties.at("MaxDeliveryCount").count(DEFAULT_ENTITY.maxDeliveryCount),
    ttlMs: properties.at("DefaultMessageTimeToLive").durationMs(Infinity),
    deadLetterOnExpiration: properties.at("DeadLetteringOnMessageExpiration").flag(),
    requiresSession: properties.at("RequiresSession").flag(),
    duplicateWindowMs: isQueue ? windowIn(properties) : undefined,
    forwardTo: properties.at("ForwardTo").optionalText(),
    forwardDeadLettersTo: properties.at("ForwardDeadLetteredMessagesTo").optionalText(),
    maxMessageBytes: messageBytesIn(properties),
    maxBytes: bytesIn(properties),
  };
}

const messageBytesIn = (properties: Reader): number =>
  1024 * properties.at("MaxMessageSizeInKilobytes").count(DEFAULT_ENTITY.maxMessageBytes / 1024);

const bytesIn = (properties: Reader): number =>
  1024 * 1024 * properties.at("MaxSizeInMegabytes").count(DEFAULT_ENTITY.maxBytes / 1024 / 1024);

function windowIn(properties: Reader): number | undefined {
  const windowMs = properties.at("DuplicateDetectionHistoryTimeWindow").durationMs(DEFAULT_WINDOW_MS);
  return properties.at("RequiresDuplicateDetection").flag() ? windowMs : undefined;
}

/** Absent properties are the defaults. */
const propertiesOf = (entity: Reader): Reader =>
  entity.at("Properties").isAbsent ? new Reader({}, `${entity.place}.Properties`) : entity.at("Properties");

function nameIn(entity: Reader): string {
  const name = entity.at("Name").text();
  if (name.length > LONGEST_NAME || !/^[\w][\w./-]*$/.test(name))
    entity.at("Name").fail(`is not a name of letters, digits, dots, dashes and slashes: "${name}"`);
  return name;
}
