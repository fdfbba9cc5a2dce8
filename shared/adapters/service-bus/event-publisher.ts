import { eventOf } from "../../contracts/activation-event.ts";
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

/** Events over a Service Bus topic. The session is the activation, so that a subscriber gets its events in their order. */
export function createEventPublisher(bus: Pick<Bus, "send">, source: string, clock: Clock): EventPublisher {
  let restUntil: Instant | undefined;
  return {
    publish: async (records) => {
      if (restUntil !== undefined && clock.now() < restUntil)
        throw new DependencyError("Unavailable", `service bus ${EVENT_TOPIC}: failed a moment ago`);
      const events = records.map((record) => eventOf(record, source));
      try {
        await bus.send(
          EVENT_TOPIC,
          events.map((event) => ({
            messageId: event.id,
            sessionId: event.subject,
            subject: event.type,
            contentType: "application/cloudevents+json",
            body: event,
          })),
          WITHIN_MS,
        );
        restUntil = undefined;
      } catch (error) {
        restUntil = plus(clock.now(), REST_MS);
        throw error;
      }
    },
  };
}
