import type { HistoryEvent } from "../../local/host/durable/history.ts";
import type { HttpExchange, Trace } from "./durable-traces.ts";

const PARALLEL_STEP_MS = 0.001;
export const DAY_MS = 86_400_000;

/** When the last thing of a recording happened, on the engine's clock. */
export const endOf = ({ http, exchanges, activities }: Trace): number =>
  Math.max(...[...http, ...exchanges, ...activities].map(({ at }) => Date.parse(at)));

/**
 * The recorded requests in the order in which the engine took them. What reached a history has the engine's time
 * there; the rest has the time of the recorder, who asked for what is `final` when all was over.
 */
export function timeline(trace: Trace): { readonly request: HttpExchange; readonly at: number }[] {
  const taken = new Set<string>();
  const before = new Map<string, { readonly at: number; readonly asked: number }>();
  const timed = trace.http.map((request, index) => {
    const asked = Date.parse(request.at);
    const instanceId = instanceOf(request);
    const previous = before.get(instanceId);
    // Only the engine's clock was moved, by days: what followed a request followed it there too.
    const moved = previous && previous.at - previous.asked > DAY_MS;
    const notBefore = moved ? previous.at + asked - previous.asked : asked;
    const at =
      request.note === "final" ? endOf(trace) + 1 : (engineTime(trace, request, taken) ?? Math.max(asked, notBefore));
    before.set(instanceId, { at, asked });
    return { request, at, order: at + index * PARALLEL_STEP_MS };
  });
  return timed.sort((one, other) => one.order - other.order).map(({ request, at }) => ({ request, at }));
}

/** The instance that a request is about. */
export function instanceOf({ request }: HttpExchange): string {
  const [path = ""] = request.path.split("?");
  const [collection, first = "", second = ""] = path.split("/").map(decodeURIComponent);
  return collection === "orchestrators" ? second : first;
}

/** The time of the message that a request became. */
function engineTime({ exchanges }: Trace, exchange: HttpExchange, taken: Set<string>): number | undefined {
  if (exchange.status !== 202 || exchange.request.method !== "POST") return undefined;
  const [path = ""] = exchange.request.path.split("?");
  const [collection, first = "", second = "", third = ""] = path.split("/").map(decodeURIComponent);
  const instanceId = instanceOf(exchange);
  const isMessage = (event: HistoryEvent): boolean =>
    collection === "orchestrators"
      ? event.EventType === 0 && event.Generation !== null && event.Name === first
      : second === "raiseEvent"
        ? event.EventType === 15 && event.Name === third
        : event.EventType === { terminate: 3, suspend: 19, resume: 20 }[second];
  const candidates = exchanges
    .filter(({ sent }) => sent.instanceId === instanceId)
    .flatMap(({ sent }) => sent.history.filter(isMessage));
  for (const { Timestamp } of candidates) {
    const key = `${instanceId} ${Timestamp}`;
    if (taken.has(key)) continue;
    taken.add(key);
    return Date.parse(Timestamp);
  }
  return undefined;
}
