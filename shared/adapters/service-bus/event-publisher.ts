import type { ServiceBusMessage } from "@azure/service-bus";
import { eventOf, type ActivationEvent } from "../../contracts/activation-event.ts";
import { plus, SECOND_MS, type Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { EventPublisher } from "../../ports/event-publisher.ts";
import type { Bus } from "./client.ts";

export const EVENT_TOPIC = "activation-events";
/** Nobody's access waits longer than this for somebody else's news. */
const WITHIN_MS = 2_000;
/** After a failure nobody tries for so long: a thousand activations must not wait for the same broker one by one. */
const REST_MS = 20 * SECOND_MS;

/** What a broker takes at once is 256 KiB; the rest is room for what it writes around each message. */
const MOST_AT_ONCE = 100;
const MOST_BYTES_AT_ONCE = 128 * 1024;

/** Events over a Service Bus topic. The session is the activation, so that a subscriber gets its events in their order. */
export function createEventPublisher(bus: Pick<Bus, "send">, source: string, clock: Clock): EventPublisher {
  let restUntil: Instant | undefined;
  return {
    publish: async (records) => {
      if (restUntil !== undefined && clock.now() < restUntil)
        throw new DependencyError("Unavailable", `service bus ${EVENT_TOPIC}: failed a moment ago`);
      try {
        for (const events of groups(records.map((record) => eventOf(record, source))))
          await bus.send(EVENT_TOPIC, events.map(messageOf), WITHIN_MS);
        restUntil = undefined;
      } catch (error) {
        restUntil = plus(clock.now(), REST_MS);
        throw error;
      }
    },
  };
}

const messageOf = (event: ActivationEvent): ServiceBusMessage => ({
  messageId: event.id,
  sessionId: event.subject,
  subject: event.type,
  contentType: "application/cloudevents+json",
  body: event,
});

/** After a long outage more may wait than goes into one sending: it goes in several, one behind the other. */
function groups(events: readonly ActivationEvent[]): readonly (readonly ActivationEvent[])[] {
  let group: ActivationEvent[] = [];
  const result = [group];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    if (group.length === MOST_AT_ONCE || (group.length > 0 && bytes + size > MOST_BYTES_AT_ONCE)) {
      result.push((group = []));
      bytes = 0;
    }
    group.push(event);
    bytes += size;
  }
  return result;
}
