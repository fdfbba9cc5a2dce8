import { randomUUID } from "node:crypto";
import type { Decision, OrchestratorState } from "./actions.ts";
import {
  asPlayed,
  event,
  EventType,
  executionStarted,
  orchestratorCompleted,
  orchestratorStarted,
  type HistoryEvent,
} from "./history.ts";
import { Machine, NonDeterminism } from "./machine.ts";
import type { Instance, Message, RuntimeStatus } from "./store.ts";

/** Calls the orchestrator function once with a history; throws only for faults of the platform. */
export type CallOrchestrator = (instance: Instance, history: readonly HistoryEvent[]) => Promise<OrchestratorState>;

/** What one episode came to, to be committed as a whole. */
export interface Outcome {
  readonly instance: Instance;
  readonly history: readonly HistoryEvent[];
  readonly decisions: readonly Decision[];
  /** Timers that the orchestration gave up. */
  readonly cancelledTimers: readonly number[];
  readonly endedAs: RuntimeStatus | undefined;
}

const COMPLETIONS: readonly number[] = [
  EventType.TaskCompleted,
  EventType.TaskFailed,
  EventType.SubOrchestrationInstanceCompleted,
  EventType.SubOrchestrationInstanceFailed,
  EventType.TimerFired,
];

const completedId = (one: HistoryEvent): number => Number(one["TaskScheduledId"] ?? one["TimerId"]);

/** The messages that count: of this execution, and the first completion of each decision only. */
export function relevantEvents(
  instance: Instance,
  history: readonly HistoryEvent[],
  messages: readonly Message[],
): HistoryEvent[] {
  const open = new Set(
    history
      .filter(
        (one) =>
          one.EventType === EventType.TaskScheduled ||
          one.EventType === EventType.TimerCreated ||
          one.EventType === EventType.SubOrchestrationInstanceCreated,
      )
      .map((one) => one.EventId),
  );
  for (const one of history) if (COMPLETIONS.includes(one.EventType)) open.delete(completedId(one));
  const current = messages
    .filter(({ executionId }) => executionId === null || executionId === instance.executionId)
    .map((message) => message.event);
  const first = current.filter((one) => one.EventType === EventType.ExecutionStarted);
  const rest = current.filter((one) => one.EventType !== EventType.ExecutionStarted);
  return [...first, ...rest].filter((one) => !COMPLETIONS.includes(one.EventType) || open.delete(completedId(one)));
}

/** Runs generations until the instance waits or ends. Nothing is visible outside before the outcome is committed. */
export async function runEpisode(
  instance: Instance,
  stored: readonly HistoryEvent[],
  news: readonly HistoryEvent[],
  call: CallOrchestrator,
  knows: ConstructorParameters<typeof Machine>[2],
): Promise<Outcome> {
  let current = instance;
  let past: readonly HistoryEvent[] = asPlayed(stored);
  let added: readonly HistoryEvent[] = [orchestratorStarted(startOf(stored)), ...news];
  const sent: Decision[] = [];
  for (;;) {
    const history = [...past, ...added];
    const state = await call(current, history);
    const step = decide(current, state, history, past, knows);
    sent.push(...step.decisions.filter(({ kind }) => step.next === undefined || kind === "send"));
    if (step.next === undefined) return { ...step.outcome, decisions: sent };
    current = { ...step.outcome.instance, keepsStatus: true };
    past = step.next;
    added = [];
  }
}

/** Later than everything that is in the history. */
function startOf(history: readonly HistoryEvent[]): string {
  const last = history.reduce(
    (latest, one) =>
      one.EventType === EventType.OrchestratorStarted ? Math.max(latest, Date.parse(one.Timestamp)) : latest,
    0,
  );
  return new Date(Math.max(Date.now(), last)).toISOString();
}

interface Decided {
  readonly outcome: Outcome;
  readonly decisions: readonly Decision[];
  /** The history with which the next generation begins. */
  readonly next: readonly HistoryEvent[] | undefined;
}

function decide(
  instance: Instance,
  state: OrchestratorState,
  history: readonly HistoryEvent[],
  past: readonly HistoryEvent[],
  knows: ConstructorParameters<typeof Machine>[2],
): Decided {
  const at = new Date().toISOString();
  const withStatus = customStatus(instance, state);
  const terminated = history.find((one) => one.EventType === EventType.ExecutionTerminated);
  if (terminated) return ended(withStatus, history, "Terminated", nullable(terminated["Input"]), at);
  const machine = new Machine(state, instance.executionId, knows);
  try {
    machine.replay(history);
  } catch (error) {
    if (error instanceof NonDeterminism)
      return ended(withStatus, history, "Failed", JSON.stringify(nonDeterministic(error)), at);
    return ended(
      withStatus,
      history,
      "Failed",
      JSON.stringify(failureText(instance, error instanceof Error ? error.message : "unknown")),
      at,
    );
  }
  const suspended = isSuspended(history);
  const reason = history.findLast(
    (one) => one.EventType === EventType.ExecutionSuspended || one.EventType === EventType.ExecutionResumed,
  );
  const output = reason && !past.includes(reason) ? nullable(reason["Reason"]) : instance.output;
  const running: Instance = {
    ...withStatus,
    output,
    status: suspended ? "Suspended" : "Running",
    updatedAt: Date.now(),
  };
  if (suspended) return waiting(running, history, [], [], at);
  const known = new Set(history.filter(isDecision).map((one) => one.EventId));
  const decisions = machine.issued.filter(({ id }) => !known.has(id));
  const cancelled = machine.issued.flatMap((one) =>
    one.kind === "timer" && one.cancelled && known.has(one.id) ? [one.id] : [],
  );
  if (machine.finishedAt === undefined) return waiting(running, history, decisions, cancelled, at);
  if (machine.continueAsNew)
    return nextGeneration(running, history, decisions, machine.continueAsNew.input, machine.finishedAt, at);
  const withDecisions = [...history, ...decisions.map((one) => decisionEvent(one, at))];
  return state.error === undefined
    ? ended(withStatus, withDecisions, "Completed", JSON.stringify(state.output ?? null), at, decisions)
    : ended(withStatus, withDecisions, "Failed", JSON.stringify(failureText(instance, state.error)), at, decisions);
}

const waiting = (
  instance: Instance,
  history: readonly HistoryEvent[],
  decisions: readonly Decision[],
  cancelledTimers: readonly number[],
  at: string,
): Decided => ({
  outcome: {
    instance: { ...instance, keepsStatus: false },
    history: [...history, ...decisions.map((one) => decisionEvent(one, at)), orchestratorCompleted(at)],
    decisions,
    cancelledTimers,
    endedAs: undefined,
  },
  decisions,
  next: undefined,
});

function ended(
  instance: Instance,
  history: readonly HistoryEvent[],
  status: RuntimeStatus,
  output: string | null,
  at: string,
  decisions: readonly Decision[] = [],
): Decided {
  const completed = event(EventType.ExecutionCompleted, at, {
    OrchestrationStatus: status,
    Result: output,
    FailureDetails: null,
  });
  return {
    outcome: {
      instance: { ...instance, status, output, updatedAt: Date.now(), keepsStatus: false },
      history: [...history, completed, orchestratorCompleted(at)],
      decisions,
      cancelledTimers: [],
      endedAs: status,
    },
    decisions,
    next: undefined,
  };
}

/** A fresh history: the new input, and the events that came in the same batch after the decision. */
function nextGeneration(
  instance: Instance,
  history: readonly HistoryEvent[],
  decisions: readonly Decision[],
  input: unknown,
  decidedAt: number,
  at: string,
): Decided {
  const executionId = randomUUID().replaceAll("-", "");
  const carried = asPlayed(history.slice(decidedAt + 1).filter((one) => one.EventType === EventType.EventRaised));
  const text = input === undefined ? null : JSON.stringify(input);
  const next: Instance = { ...instance, executionId, input: text };
  const start = executionStarted(at, {
    instanceId: instance.id,
    executionId,
    name: instance.name,
    input: text,
    version: instance.version,
    parent: instance.parent,
    generation: 0,
  });
  return {
    outcome: { instance: next, history: [], decisions: [], cancelledTimers: [], endedAs: undefined },
    decisions,
    next: [orchestratorStarted(at), start, ...carried, orchestratorCompleted(at)],
  };
}

/** Not sticky: each episode sets what the worker answers; after continueAsNew the old one survives one episode. */
function customStatus(instance: Instance, state: OrchestratorState): Instance {
  const given = state.customStatus === undefined ? null : JSON.stringify(state.customStatus);
  return { ...instance, customStatus: given ?? (instance.keepsStatus ? instance.customStatus : null) };
}

const isDecision = (one: HistoryEvent): boolean =>
  one.EventType === EventType.TaskScheduled ||
  one.EventType === EventType.TimerCreated ||
  one.EventType === EventType.SubOrchestrationInstanceCreated ||
  one.EventType === EventType.EventSent;

export function isSuspended(history: readonly HistoryEvent[]): boolean {
  const last = history.findLast(
    (one) => one.EventType === EventType.ExecutionSuspended || one.EventType === EventType.ExecutionResumed,
  );
  return last?.EventType === EventType.ExecutionSuspended;
}

const nullable = (value: unknown): string | null => (typeof value === "string" ? value : null);

const failureText = (instance: Instance, error: string): string =>
  `Orchestrator function '${instance.name}' failed: ${error}`;

const nonDeterministic = (error: NonDeterminism): string =>
  `Non-Deterministic workflow detected: ${error.message} Was a change made to the orchestrator code after this instance had already started running?`;

function decisionEvent(decision: Decision, at: string): HistoryEvent {
  switch (decision.kind) {
    case "task":
      return event(
        EventType.TaskScheduled,
        at,
        { Name: decision.name, Version: "", Input: null, ParentTraceContext: null, Tags: null },
        decision.id,
      );
    case "child":
      return event(
        EventType.SubOrchestrationInstanceCreated,
        at,
        {
          Name: decision.name,
          Version: null,
          InstanceId: decision.instanceId,
          Input: null,
          ClientSpanId: null,
          Tags: null,
        },
        decision.id,
      );
    case "timer":
      return event(EventType.TimerCreated, at, { FireAt: decision.fireAt }, decision.id);
    case "send":
      return event(
        EventType.EventSent,
        at,
        {
          InstanceId: decision.target,
          Name: "op",
          Input: JSON.stringify({
            op: decision.operation,
            signal: decision.signal,
            input: decision.input ?? null,
            id: randomUUID(),
          }),
        },
        decision.id,
      );
  }
}
