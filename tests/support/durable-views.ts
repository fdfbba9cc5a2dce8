import type { HistoryEvent } from "../../local/host/durable/history.ts";
import type { HubResponse } from "../../local/host/durable/http-messages.ts";
import { historyOf, type LiveCall, type LiveRun } from "./durable-live-run.ts";
import { instanceOf } from "./durable-timeline.ts";
import {
  executionOf,
  stateOf,
  withoutVolatile,
  type HttpExchange,
  type ThrownError,
  type Trace,
} from "./durable-traces.ts";

/** What must be equal between a recording and a run of ours, with everything volatile taken out. */
export interface View {
  /** By instance: for each of its generations the decisions and messages of the history, and the last answer. */
  readonly instances: Readonly<Record<string, unknown>>;
  readonly activities: readonly string[];
  readonly http: readonly unknown[];
  readonly finalStatus: Readonly<Record<string, unknown>>;
}

/** A view without some instances: what they did differs for a reason that the test names. */
export function without(view: View, trace: Trace, isLeftOut: (id: string) => boolean): View {
  const keep = (id: string): boolean => !isLeftOut(id);
  const kept = (entries: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(entries).filter(([id]) => keep(id)));
  return {
    instances: kept(view.instances),
    activities: view.activities.filter((text) => keep((JSON.parse(text) as { instanceId: string }).instanceId)),
    http: view.http.filter((_, index) => {
      const exchange = trace.http[index];
      return exchange !== undefined && keep(instanceOf(exchange));
    }),
    finalStatus: kept(view.finalStatus),
  };
}

export function realView(trace: Trace): View {
  const calls = trace.exchanges.map((exchange) => ({
    instanceId: exchange.sent.instanceId,
    execution: executionOf(exchange),
    history: exchange.sent.history,
    answer: stateOf(exchange),
  }));
  return {
    instances: instancesView(calls),
    activities: trace.activities
      .map(({ name, instanceId, sentRaw, returnedRaw }) =>
        activityText(name, instanceId, sentRaw, returnedRaw?.exception?.message ?? returnedRaw ?? {}),
      )
      .sort(),
    http: trace.http.map((exchange) => httpView(exchange, exchange.status, exchange.headers, exchange.body)),
    finalStatus: Object.fromEntries(
      Object.entries(trace.finalStatus).map(([id, { httpStatus, body }]) => [
        id,
        endsUnseen(trace, id) ? "ends unseen" : statusView(httpStatus, body),
      ]),
    ),
  };
}

export function liveView(trace: Trace, run: LiveRun): View {
  // The recorder kept the calls of its own instances only.
  const recorded = new Set(trace.exchanges.map(({ sent }) => withoutVolatile(sent.instanceId)));
  const calls = run.calls
    .filter(({ kind, instanceId }) => kind === "orchestration" && recorded.has(withoutVolatile(instanceId)))
    .map((call) => {
      const history = historyOf(call);
      const started = history.find((event) => event.EventType === 0);
      return {
        instanceId: call.instanceId,
        execution: started?.OrchestrationInstance.ExecutionId ?? "",
        history,
        answer: answerOf(call),
      };
    });
  return {
    instances: instancesView(calls),
    activities: run.calls
      .filter(({ kind }) => kind === "activity")
      .map(({ name, instanceId, sent, returned, thrown }) =>
        activityText(name, instanceId, sent, thrown?.message ?? returned ?? {}),
      )
      .sort(),
    http: trace.http.map((exchange, index) => {
      const answer = run.answers[index];
      return httpView(exchange, answer?.status ?? 0, answer?.headers ?? {}, parsed(answer?.body ?? ""));
    }),
    finalStatus: Object.fromEntries(
      [...run.finalStatus].map(([id, answer]: [string, HubResponse]) => [
        id,
        endsUnseen(trace, id) ? "ends unseen" : statusView(answer.status, parsed(answer.body)),
      ]),
    ),
  };
}

function answerOf({ returned, thrown }: LiveCall): Readonly<Record<string, unknown>> {
  if (returned?.json !== undefined) return JSON.parse(returned.json) as Record<string, unknown>;
  const [, json] = thrown?.message.split("$OutOfProcData$:") ?? [];
  const exception: Pick<ThrownError, "message"> = { message: thrown?.message ?? "" };
  return json === undefined ? { exception } : (JSON.parse(json) as Record<string, unknown>);
}

interface Call {
  readonly instanceId: string;
  readonly execution: string;
  readonly history: readonly HistoryEvent[];
  readonly answer: Readonly<Record<string, unknown>>;
}

/** How messages fall into episodes is volatile, so the last call of every execution stands for all. */
function instancesView(calls: readonly Call[]): Readonly<Record<string, unknown>> {
  const instances: Record<string, unknown[]> = {};
  for (const [index, call] of calls.entries()) {
    const isLast = !calls.slice(index + 1).some(({ execution }) => execution === call.execution);
    if (!isLast) continue;
    const { exception, ...answer } = call.answer;
    const message = exception === undefined ? undefined : (exception as ThrownError).message;
    const id = String(withoutVolatile(call.instanceId));
    (instances[id] ??= []).push({
      decisions: call.history.filter(isDecision).map(eventView),
      messages: call.history
        .filter((event) => !isDecision(event) && event.EventType !== 12 && event.EventType !== 13)
        .map((event) => JSON.stringify(eventView({ ...event, IsPlayed: false })))
        .sort(),
      answer: withoutVolatile({ ...answer, message }),
    });
  }
  return Object.fromEntries(
    Object.entries(instances).map(([id, executions]) => [
      id,
      id.includes("<guid>") ? executions.map((execution) => JSON.stringify(execution)).sort() : executions,
    ]),
  );
}

const isDecision = ({ EventType }: HistoryEvent): boolean =>
  EventType === 4 || EventType === 7 || EventType === 10 || EventType === 14;

/** All fields, without the volatile parts; what is asked of an entity as fields in one order. */
function eventView(event: HistoryEvent): unknown {
  if (event.EventType === 14 || event.EventType === 15) {
    const request = parsed(event.Input ?? "null") as Record<string, unknown> | null;
    if (request && typeof request === "object" && "$type" in request) {
      return { ...sortedFields(event), Input: withoutVolatile(request) };
    }
  }
  return sortedFields(event);
}

const sortedFields = (event: HistoryEvent): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(withoutVolatile(event) as Record<string, unknown>).sort(([one], [other]) => (one < other ? -1 : 1)),
  );

const activityText = (name: string, instanceId: string, sent: unknown, returned: unknown): string =>
  JSON.stringify(withoutVolatile({ name, instanceId, sent, returned }));

function httpView(
  { note, request, status: recorded }: HttpExchange,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): unknown {
  if (recorded === 0) return { note, status: "the host was down" };
  return {
    note,
    request: `${request.method} ${request.path}`,
    status,
    retryAfter: headers["retry-after"],
    hasLocation: "location" in headers,
    contentType: headers["content-type"],
    body: bodyView(body),
  };
}

function bodyView(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return withoutVolatile(body);
  const { StackTrace, ExceptionMessage, historyEvents, ...rest } = body as Record<string, unknown>;
  return {
    ...(withoutVolatile(rest) as object),
    ...(StackTrace === undefined ? {} : { StackTrace: "given" }),
    ...(ExceptionMessage === undefined ? {} : { ExceptionMessage: "given" }),
    ...(Array.isArray(historyEvents) ? { historyEvents: historyView(historyEvents) } : {}),
  };
}

const historyView = (events: readonly unknown[]): readonly string[] =>
  events.map((event) => JSON.stringify(sortedFields(event as HistoryEvent))).sort();

const statusView = (status: number, body: unknown): unknown => ({ status, body: bodyView(body) });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The recorder asked for the last time while a termination was still on its way. */
function endsUnseen(trace: Trace, id: string): boolean {
  const { body } = trace.finalStatus[id] ?? {};
  const status = typeof body === "object" && body !== null ? (body as Record<string, unknown>)["runtimeStatus"] : "";
  const isOpen = status === "Running" || status === "Suspended";
  return isOpen && trace.http.some(({ request }) => request.path.startsWith(`instances/${id}/terminate`));
}
