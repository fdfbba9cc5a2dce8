import type { HistoryEvent } from "../../local/host/durable/history.ts";
import { instanceOf } from "./durable-timeline.ts";
import type { Exchange, HttpExchange, Trace } from "./durable-traces.ts";

/** Instances of a recording whose course hung on chance that a run of ours does not repeat, each with the reason. */
export function leftToChance(trace: Trace): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const ids = new Set(trace.exchanges.map(({ sent }) => sent.instanceId));
  for (const id of ids) {
    const calls = trace.exchanges.filter(({ sent }) => sent.instanceId === id);
    const requests = trace.http.filter((exchange) => exchange.status === 202 && instanceOf(exchange) === id);
    if (startedAtOnce(requests, calls)) found.set(id, "of parallel starts one wins and the others get 409");
    if (lostEvent(requests, calls)) found.set(id, "the real engine lost an event by chance");
    if (takenByTheDead(trace, calls)) found.set(id, "a killed process had taken an event");
  }
  return found;
}

const timeOf = ({ at }: { readonly at: string }): number => Date.parse(at);

/** Two starts were accepted, and nothing had run between them. */
function startedAtOnce(requests: readonly HttpExchange[], calls: readonly Exchange[]): boolean {
  const starts = requests.filter(({ request }) => request.path.startsWith("orchestrators/"));
  return starts.some((start, index) => {
    const before = starts[index - 1];
    return before && !calls.some((call) => timeOf(call) >= timeOf(before) && timeOf(call) < timeOf(start));
  });
}

/** An event was accepted, the instance went on to hear of other things, and no call ever had it. */
function lostEvent(requests: readonly HttpExchange[], calls: readonly Exchange[]): boolean {
  const seen = new Set<string>();
  for (const event of calls.flatMap(({ sent }) => sent.history)) {
    if (event.EventType === 15) seen.add(`${event.Name} ${event.Timestamp}`);
  }
  const messages = calls.flatMap(({ sent }) => sent.history).filter(({ EventId }) => EventId === -1);
  const last = Math.max(...messages.map(({ EventType, Timestamp }) => (EventType === 15 ? Date.parse(Timestamp) : 0)));
  const raised = requests.filter((exchange) => /\/raiseEvent\//.test(exchange.request.path) && timeOf(exchange) < last);
  const names = raised.map(({ request }) => decodeURIComponent(request.path.split("?")[0]?.split("/")[3] ?? ""));
  return [...new Set(names)].some((name) => {
    const heard = [...seen].filter((key) => key.startsWith(`${name} `)).length;
    return heard < names.filter((other) => other === name).length;
  });
}

/** An event was there before the process was killed, and was heard only after. */
function takenByTheDead({ http }: Trace, calls: readonly Exchange[]): boolean {
  const killedAt = http.filter(({ status }) => status === 0).map(timeOf)[0];
  if (killedAt === undefined) return false;
  const isEarly = (event: HistoryEvent): boolean => event.EventType === 15 && Date.parse(event.Timestamp) < killedAt;
  const isKnown = calls.some((call) => timeOf(call) < killedAt && call.sent.history.some(isEarly));
  return !isKnown && calls.some(({ sent }) => sent.history.some(isEarly));
}
