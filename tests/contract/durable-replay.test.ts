import { describe, expect, it } from "vitest";
import type { Completion, Decision } from "../../local/host/durable/decisions.ts";
import type { HistoryEvent } from "../../local/host/durable/history.ts";
import { parseReturned, parseThrown } from "../../local/host/durable/protocol.ts";
import { replay, type Replayed } from "../../local/host/durable/replay.ts";
import { SandboxApp } from "../support/durable-sandbox.ts";
import {
  executionOf,
  loadTraces,
  sourcesOf,
  stateOf,
  withoutVolatile,
  type Exchange,
  type ThrownError,
  type Trace,
} from "../support/durable-traces.ts";

/**
 * What the SDK answered on the real engine, given to our replay with the history of that moment: it must decide what
 * the real engine decided next. No clock, no store, no order of messages takes part in it.
 */
describe("the replay decides what the real engine decided", () => {
  for (const trace of loadTraces().filter(({ exchanges }) => exchanges.length > 0)) {
    it(`in every episode of ${trace.scenario}`, () => {
      const app = new SandboxApp();
      for (const [, source] of sourcesOf(trace)) app.load(source);
      const compared = trace.exchanges.map((exchange) => compare(app, trace, exchange));
      expect(compared.map(({ ours }) => ours)).toEqual(compared.map(({ real }) => real));
    });
  }
});

interface Compared {
  readonly ours: object;
  readonly real: object;
}

function compare(app: SandboxApp, trace: Trace, exchange: Exchange): Compared {
  const { decisions, completion } = replayed(app, exchange);
  const next = nextEpisode(trace, exchange);
  const at = { instance: exchange.sent.instanceId, at: exchange.at };
  const ours = { ...at, decisions: decisions.map(decisionView), end: endView(completion) };
  if (next) return { ours, real: { ...at, decisions: recordedDecisions(exchange, next), end: "goes on" } };
  const real = recordedEnd(trace, exchange);
  return {
    ours: real === "unknown" ? at : { ...at, end: ours.end },
    real: real === "unknown" ? at : { ...at, end: real },
  };
}

function replayed(app: SandboxApp, exchange: Exchange): Replayed {
  const { history, instanceId, parentInstanceId } = exchange.sent;
  const { exception } = exchange.returned as { readonly exception?: ThrownError };
  const json = JSON.stringify(exchange.returned);
  return replay({
    name: exchange.function,
    instanceId,
    executionId: executionOf(exchange),
    parentInstanceId,
    history,
    outcome: exception ? parseThrown(new Error(exception.message)) : parseReturned({ json }),
    isKnown: (kind, name) => app.has(name, kind),
  });
}

/**
 * The next call of the same execution. What was repeated after a crash or rewound does not follow from this one: there
 * the history goes on with messages, not with what was decided.
 */
const nextEpisode = ({ exchanges }: Trace, exchange: Exchange): Exchange | undefined =>
  exchanges
    .slice(exchanges.indexOf(exchange) + 1)
    .find(
      (later) =>
        executionOf(later) === executionOf(exchange) &&
        later.sent.history.length > exchange.sent.history.length &&
        exchange.sent.history.every(({ EventType }, index) => later.sent.history[index]?.EventType === EventType) &&
        !isMessage(later.sent.history[exchange.sent.history.length]),
    );

const isMessage = (event: HistoryEvent | undefined): boolean =>
  event !== undefined && event.EventId === -1 && event.EventType !== 12 && event.EventType !== 13;

/** What the real engine wrote at the end of the episode, up to its closing bracket or the next episode. */
function recordedDecisions(exchange: Exchange, next: Exchange): object[] {
  const later = next.sent.history.slice(exchange.sent.history.length);
  const end = later.findIndex((event) => event.EventType === 13 || event.EventType === 12);
  return later.slice(0, end).map(recordedView);
}

function decisionView(decision: Decision): object {
  switch (decision.kind) {
    case "task":
      return { type: 4, id: decision.id, name: decision.name };
    case "child":
      return { type: 7, id: decision.id, name: decision.name, instanceId: decision.instanceId };
    case "timer":
      return { type: 10, id: decision.id, fireAt: toTheMillisecond(decision.fireAt) };
    case "send":
      return {
        type: 14,
        id: decision.id,
        to: decision.instanceId,
        name: decision.name,
        request: request(decision.input),
      };
    case "complete":
      return decision;
  }
}

function recordedView(event: HistoryEvent): object {
  switch (event.EventType) {
    case 4:
      return { type: 4, id: event.EventId, name: event.Name };
    case 7:
      return { type: 7, id: event.EventId, name: event.Name, instanceId: event.InstanceId };
    case 10:
      return { type: 10, id: event.EventId, fireAt: toTheMillisecond(event.FireAt) };
    case 14:
      return { type: 14, id: event.EventId, to: event.InstanceId, name: event.Name, request: request(event.Input) };
    default:
      return event;
  }
}

const toTheMillisecond = (instant: string): number => Date.parse(instant);

function request(input: string): unknown {
  return withoutVolatile(JSON.parse(input));
}

const endView = (completion: Completion | undefined): unknown =>
  completion ? { status: completion.status, result: withoutVolatile(parsed(completion.result)) } : "goes on";

/** How the execution ended: in a new generation, as the final status says, or not at all. */
function recordedEnd(trace: Trace, exchange: Exchange): unknown {
  const { instanceId } = exchange.sent;
  const state = stateOf(exchange);
  const later = trace.exchanges
    .slice(trace.exchanges.indexOf(exchange) + 1)
    .find(({ sent }) => sent.instanceId === instanceId);
  if (later && executionOf(later) === executionOf(exchange)) return "unknown"; // the same call, repeated after a crash
  if (later) {
    const started = later.sent.history.find((event) => event.EventType === 0);
    const continues = state["isDone"] === true && JSON.stringify(state["actions"]).includes('"actionType":4');
    const isRepeated = started?.Input === startOf(exchange)?.Input && isKilled(trace);
    return continues && !isRepeated
      ? { status: "ContinuedAsNew", result: withoutVolatile(parsed(started?.Input ?? null)) }
      : "unknown";
  }
  const body = trace.finalStatus[instanceId]?.body;
  if (typeof body !== "object" || body === null || !("runtimeStatus" in body)) return "unknown";
  const { runtimeStatus, output, historyEvents = [] } = body as Record<string, unknown>;
  const isAskedTooEarly =
    messagesIn(historyEvents as readonly { readonly EventType?: string }[]) <
    exchange.sent.history.filter(isMessage).length;
  if (Array.isArray(historyEvents) && historyEvents.length > 0 && isAskedTooEarly) return "unknown";
  if (runtimeStatus === "Terminated" && !exchange.sent.history.some((event) => event.EventType === 3)) return "unknown";
  if (["Pending", "Running", "Suspended"].includes(String(runtimeStatus))) return "goes on";
  return { status: runtimeStatus, result: withoutVolatile(output) };
}

const startOf = ({ sent }: Exchange) => sent.history.find((event) => event.EventType === 0);

/** The recorder killed the host, so that a generation may have begun twice. */
const isKilled = ({ http }: Trace): boolean => http.some(({ status }) => status === 0);

const DECISIONS = [
  "TaskScheduled",
  "SubOrchestrationInstanceCreated",
  "TimerCreated",
  "EventSent",
  "ExecutionCompleted",
];

const messagesIn = (events: readonly { readonly EventType?: string }[]): number =>
  events.filter(({ EventType = "" }) => !DECISIONS.includes(EventType)).length;

function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
