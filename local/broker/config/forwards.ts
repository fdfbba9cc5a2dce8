import type { EntitySettings, NamespaceSettings } from "../model/settings.ts";
import type { Reader } from "./reader.ts";

type Way = "ForwardTo" | "ForwardDeadLetteredMessagesTo";

/**
 * A message is forwarded at most so often; what comes further, Service Bus puts among the dead letters.
 * @see https://learn.microsoft.com/azure/service-bus-messaging/service-bus-auto-forwarding
 */
const MOST_HOPS = 4;

/** Every forward goes somewhere, none in a circle, and none further than Service Bus would. */
export function checkForwards(namespace: Reader, settings: NamespaceSettings): void {
  const names = new Set([...settings.queues, ...settings.topics].map(({ name }) => name.toLowerCase()));
  const next = waysOn(settings);
  const check = (entity: EntitySettings, name: string, place: Reader): void => {
    const exists = (way: Way, target: string | undefined): void => {
      if (target === undefined || names.has(target.toLowerCase())) return;
      place.at("Properties").at(way).fail(`names no queue or topic of this file: "${target}"`);
    };
    exists("ForwardTo", entity.forwardTo);
    exists("ForwardDeadLetteredMessagesTo", entity.forwardDeadLettersTo);
    const goesRound = entity.forwardTo !== undefined && reaches(entity.forwardTo.toLowerCase(), name, next);
    if (goesRound) place.at("Properties").at("ForwardTo").fail("leads back to where it comes from");
    if (entity.forwardTo !== undefined && goesFurther(entity.forwardTo.toLowerCase(), MOST_HOPS - 1, next))
      place.at("Properties").at("ForwardTo").fail(`leads over more than ${MOST_HOPS} forwards`);
  };
  settings.queues.forEach((queue, index) => {
    const place = namespace.at("Queues").items()[index];
    if (place) check(queue, queue.name.toLowerCase(), place);
  });
  settings.topics.forEach((topic, index) =>
    topic.subscriptions.forEach((subscription, at) => {
      const place = namespace.at("Topics").items()[index]?.at("Subscriptions").items()[at];
      if (place) check(subscription, topic.name.toLowerCase(), place);
    }),
  );
}

/** Where messages of a queue or topic are forwarded to. */
function waysOn({ queues, topics }: NamespaceSettings): ReadonlyMap<string, readonly string[]> {
  const onward = (entities: readonly EntitySettings[]): string[] =>
    entities.flatMap(({ forwardTo }) => (forwardTo === undefined ? [] : [forwardTo.toLowerCase()]));
  return new Map([
    ...queues.map((queue) => [queue.name.toLowerCase(), onward([queue])] as const),
    ...topics.map((topic) => [topic.name.toLowerCase(), onward(topic.subscriptions)] as const),
  ]);
}

function reaches(from: string, goal: string, next: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const left = [from];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    if (at === goal) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    left.push(...(next.get(at) ?? []));
  }
  return false;
}

/** Whether more than so many hops follow. */
const goesFurther = (from: string, hops: number, next: ReadonlyMap<string, readonly string[]>): boolean =>
  (next.get(from) ?? []).some((to) => hops === 0 || goesFurther(to, hops - 1, next));
