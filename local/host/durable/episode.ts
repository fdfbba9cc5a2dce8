import { randomUUID } from "node:crypto";
import type { Completion, Decision } from "./decisions.ts";
import * as history from "./history.ts";
import type { ExecutionStarted, HistoryEvent } from "./history.ts";
import type { Outcome, OrchestrationCall } from "./protocol.ts";
import { replay, type Replayed } from "./replay.ts";
import type { ActionEnvironment } from "./shim-actions.ts";
import type { Message, OutgoingMessage } from "./messages.ts";
import type { Instance, NewWorkItem, RuntimeStatus } from "./store.ts";

export interface EpisodeEnvironment {
  readonly isKnown: ActionEnvironment["isKnown"];
  invoke(name: string, call: OrchestrationCall): Promise<Outcome>;
}

/** All that one commit writes. */
export interface EpisodeResult {
  readonly instance: Omit<Instance, "parked">;
  /** Where `events` begin in the stored history. */
  readonly position: number;
  readonly events: readonly HistoryEvent[];
  readonly workItems: readonly NewWorkItem[];
  readonly messages: readonly OutgoingMessage[];
  /** Executions whose timers and late completions are void from now on. */
  readonly endedExecutions: readonly string[];
}

/** A generation that only continues as new runs at most this often before a commit. */
const MAX_GENERATIONS = 20;

/**
 * Runs the orchestrator on its history and the messages that came since. Undefined when none of them concerns the
 * current execution: they are dropped.
 */
export async function runEpisode(
  instance: Instance | undefined,
  past: readonly HistoryEvent[],
  messages: readonly Message[],
  environment: EpisodeEnvironment,
): Promise<EpisodeResult | undefined> {
  const batch = selectMessages(instance, past, messages);
  if (!batch) return undefined;
  const episode = new Episode(instance, batch.started, batch.past, environment);
  let fresh: readonly HistoryEvent[] | undefined = [history.bracket(12, episode.startsAt()), ...batch.events];
  for (let generation = 1; fresh; generation += 1) {
    fresh = await episode.run(fresh, generation);
  }
  return episode.result();
}

/** Drops what belongs to other executions and what has been applied before; a start comes first. */
function selectMessages(instance: Instance | undefined, past: readonly HistoryEvent[], messages: readonly Message[]) {
  const events = messages.map(({ event }) => event);
  const newStart = events.findLast((event) => event.EventType === 0);
  const started = newStart ?? past.find((event) => event.EventType === 0);
  if (!started) return undefined;
  const { ExecutionId: current } = started.OrchestrationInstance;
  if (!newStart && (!instance || instance.status === "Completed" || instance.status === "Failed")) return undefined;
  if (!newStart && (instance?.status === "Terminated" || instance?.executionId !== current)) return undefined;
  const kept = newStart ? [] : past;
  const seen = new Set(kept.map(completionKey));
  const own = messages.filter(({ executionId, event }) => {
    if (event.EventType === 0 || (executionId !== null && executionId !== current)) return false;
    const key = completionKey(event);
    if (key !== undefined && seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  if (!newStart && own.length === 0) return undefined;
  const arrived = own.map(({ event }) => event).filter((event) => event.EventType !== 13);
  return { started, past: kept, events: [...(newStart ? [newStart] : []), ...arrived] };
}

/** A task ends once: a second completion, from work that was delivered twice, changes nothing. */
function completionKey(event: HistoryEvent): string | undefined {
  if ("TaskScheduledId" in event) return `task ${event.TaskScheduledId}`;
  return event.EventType === 11 ? `timer ${event.TimerId}` : undefined;
}

class Episode {
  readonly #environment: EpisodeEnvironment;
  readonly #workItems: NewWorkItem[] = [];
  readonly #messages: OutgoingMessage[] = [];
  readonly #ended: string[] = [];
  #started: ExecutionStarted;
  #past: readonly HistoryEvent[];
  #events: readonly HistoryEvent[] = [];
  #status: RuntimeStatus = "Running";
  #output: string | null;
  #customStatus: string | null;

  constructor(
    instance: Instance | undefined,
    started: ExecutionStarted,
    past: readonly HistoryEvent[],
    environment: EpisodeEnvironment,
  ) {
    const continues = instance?.executionId === started.OrchestrationInstance.ExecutionId ? instance : undefined;
    this.#started = started;
    this.#past = past;
    this.#environment = environment;
    this.#output = continues?.output ?? null;
    this.#customStatus = continues?.customStatus ?? null;
  }

  /** Time never goes back inside an execution, whatever the clock does. */
  startsAt(): number {
    const last = this.#past.findLast((event) => event.EventType === 12);
    return Math.max(Date.now(), last ? Date.parse(last.Timestamp) : 0);
  }

  /** Runs one generation; answers the first events of the next one after continueAsNew. */
  async run(fresh: readonly HistoryEvent[], generation: number): Promise<readonly HistoryEvent[] | undefined> {
    const { OrchestrationInstance: self, Name: name, ParentInstance: parent } = this.#started;
    const events = [...this.#past, ...fresh];
    const call: OrchestrationCall = {
      instanceId: self.InstanceId,
      parentInstanceId: parent?.OrchestrationInstance.InstanceId ?? null,
      history: events,
      input: this.#started.Input,
      isReplaying: events.find((event) => event.EventType === 0)?.IsPlayed ?? false,
    };
    const replayed = replay({
      name,
      instanceId: self.InstanceId,
      executionId: self.ExecutionId,
      parentInstanceId: call.parentInstanceId,
      history: events,
      outcome: await this.#environment.invoke(name, call),
      isKnown: this.#environment.isKnown,
    });
    this.#applyStatus(fresh, replayed, generation);
    const now = Date.now();
    const decided = replayed.decisions.map((decision) => this.#decide(decision, now));
    if (replayed.completion?.status === "ContinuedAsNew") return this.#continueAsNew(replayed, now, generation);
    const added = [...decided, ...this.#complete(replayed.completion, now)];
    // The first events of a later generation bring their closing bracket along.
    const isClosed = generation > 1 && added.length === 0;
    this.#events = [...fresh.map(played), ...added, ...(isClosed ? [] : [history.bracket(13, now)])];
    return undefined;
  }

  result(): EpisodeResult {
    const { OrchestrationInstance: self, Name, Input, ParentInstance, Generation, Timestamp } = this.#started;
    return {
      instance: {
        instanceId: self.InstanceId,
        executionId: self.ExecutionId,
        name: Name,
        status: this.#status,
        input: Input,
        output: this.#output,
        customStatus: this.#customStatus,
        createdAt: Date.parse(Timestamp),
        updatedAt: Date.now(),
        parent: ParentInstance,
        generation: Generation,
      },
      position: this.#past.length,
      events: this.#events,
      workItems: this.#workItems,
      messages: this.#messages,
      endedExecutions: this.#ended,
    };
  }

  /** The custom status holds for one episode, and over continueAsNew for the first one of the new generation. */
  #applyStatus(fresh: readonly HistoryEvent[], replayed: Replayed, generation: number): void {
    if (generation === 1 || replayed.customStatus !== null) this.#customStatus = replayed.customStatus;
    for (const event of fresh) {
      if (event.EventType !== 19 && event.EventType !== 20) continue;
      this.#output = event.Reason;
    }
    const last = [...this.#past, ...fresh].findLast((event) => event.EventType === 19 || event.EventType === 20);
    this.#status = last?.EventType === 19 ? "Suspended" : "Running";
  }

  #decide(decision: Exclude<Decision, Completion>, now: number): HistoryEvent {
    const { OrchestrationInstance: self, Name } = this.#started;
    const here = { instanceId: self.InstanceId, executionId: self.ExecutionId };
    const { id } = decision;
    switch (decision.kind) {
      case "task":
        this.#workItems.push({ ...here, taskId: id, name: decision.name, input: decision.input });
        return history.taskScheduled(id, decision.name, now);
      case "timer": {
        const event = history.timerFired(id, decision.fireAt, now);
        const visibleAt = decision.isSegment ? Date.parse(decision.fireAt) : timerVisibleAt(decision.fireAt, now);
        this.#messages.push({ ...here, event, visibleAt });
        return history.timerCreated(id, decision.fireAt, now);
      }
      case "child": {
        const { name, input, instanceId } = decision;
        const parent = { Name, OrchestrationInstance: self, TaskScheduleId: id, Version: null };
        const executionId = newExecutionId();
        const start = { name, input, instanceId, executionId, parent, generation: null };
        this.#messages.push({
          instanceId,
          executionId,
          event: history.executionStarted(start, now),
          visibleAt: now,
        });
        return history.childCreated(decision, now);
      }
      case "send":
        this.#messages.push({
          instanceId: decision.instanceId,
          executionId: null,
          event: history.eventRaised(decision.name, decision.input, now),
          visibleAt: now,
        });
        return history.eventSent(decision, now);
    }
  }

  #complete(completion: Completion | undefined, now: number): HistoryEvent[] {
    if (!completion || completion.status === "ContinuedAsNew") return [];
    const { OrchestrationInstance: self, ParentInstance: parent } = this.#started;
    const { id, status, result, details } = completion;
    this.#status = status;
    this.#output = result;
    this.#ended.push(self.ExecutionId);
    if (parent) {
      const taskId = parent.TaskScheduleId;
      const event =
        status === "Completed"
          ? history.taskCompleted(8, taskId, result, now)
          : history.taskFailed(9, taskId, { reason: result ?? "", details }, now);
      const { InstanceId: instanceId, ExecutionId: executionId } = parent.OrchestrationInstance;
      this.#messages.push({ instanceId, executionId, event, visibleAt: now });
    }
    return [history.executionCompleted(id, status, result, now)];
  }

  #continueAsNew(replayed: Replayed, now: number, generation: number): readonly HistoryEvent[] | undefined {
    const { OrchestrationInstance: self, Name: name, ParentInstance: parent } = this.#started;
    this.#ended.push(self.ExecutionId);
    const executionId = newExecutionId();
    const input = replayed.completion?.result ?? null;
    const start = { instanceId: self.InstanceId, executionId, name, input, parent, generation: null };
    this.#started = history.executionStarted(start, now);
    this.#past = [];
    const startsAt = this.startsAt();
    const opening = [
      history.bracket(12, startsAt),
      this.#started,
      ...replayed.carriedOver.map(played),
      history.bracket(13, now),
    ];
    if (generation < MAX_GENERATIONS) return opening;
    // Committed unplayed; a message that never gets into the history brings the instance back.
    this.#events = opening;
    const wake = history.bracket(13, now);
    this.#messages.push({ instanceId: self.InstanceId, executionId, event: wake, visibleAt: now });
    return undefined;
  }
}

/** Once processed, messages are marked as played; brackets that open an episode and decisions never are. */
const played = (event: HistoryEvent): HistoryEvent => (event.EventType === 12 ? event : { ...event, IsPlayed: true });

/** What a timer of less than a second takes on the platform, and what keeps one that is asked for again from spinning. */
const QUEUE_MS = 40;

/**
 * The queue hides a timer for whole seconds, cut, and some time has always passed since the orchestrator asked: it
 * fires up to a second early, one of a second or less almost at once.
 */
function timerVisibleAt(fireAt: string, now: number): number {
  const delayMs = Math.max(0, Date.parse(fireAt) - now);
  return now + (delayMs <= 1000 ? Math.min(delayMs, QUEUE_MS) : (Math.ceil(delayMs / 1000) - 1) * 1000);
}

export const newExecutionId = (): string => randomUUID().replaceAll("-", "");
