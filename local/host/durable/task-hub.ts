import { randomUUID } from "node:crypto";
import type { ControlOperations } from "../../service.ts";
import type { TypedData } from "../typed-data.ts";
import type { Decision, OrchestratorState } from "./actions.ts";
import { relevantEvents, runEpisode, type Outcome } from "./episode.ts";
import { HubFaults } from "./faults.ts";
import { event, EventType, executionStarted, type HistoryEvent } from "./history.ts";
import { answerHttp, bindingFor, type HubRequest, type HubResponse, type PublicAddress } from "./http-api.ts";
import { failedActivity, parseFailedOrchestrator, resultText, taskInput } from "./payloads.ts";
import { Store, TERMINAL, type Instance, type NewInstance, type WorkItem } from "./store.ts";

/** Runs one function of the app. Throws what the function threw. */
export interface FunctionRunner {
  run(functionName: string, kind: FunctionKind, payload: TypedData, instanceId: string): Promise<TypedData | undefined>;
  has(functionName: string, kind: FunctionKind): boolean;
}

export type FunctionKind = "orchestration" | "activity" | "entity";

/** From host.json `extensions.durableTask`; milliseconds. */
export interface TaskHubSettings {
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
  /** After this time the work of a killed process comes back. */
  readonly redeliverAfterMs: number;
}

export interface TaskHubOptions {
  readonly file: string;
  readonly hubName: string;
  readonly runner: FunctionRunner;
  readonly settings: TaskHubSettings;
  readonly address: PublicAddress;
}

const LONGEST_SLEEP_MS = 1_000;
const PLATFORM_PAUSE_MS = 1_000;
const MOST_PLATFORM_FAULTS = 10;

/** The embedded task hub: instances, their messages and work in one file; see README.md. */
export class TaskHub {
  readonly faults = new HubFaults();
  readonly #store: Store;
  readonly #options: TaskHubOptions;
  readonly #episodes = new Set<string>();
  readonly #activities = new Set<number>();
  readonly #platformFaults = new Map<string, number>();
  readonly #waiters = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;

  /** @throws Error when another process has the file open */
  constructor(options: TaskHubOptions) {
    this.#options = options;
    this.#store = new Store(options.file);
    if (this.#store.mark("clean") === "0") this.#store.hideAllWork(Date.now() + options.settings.redeliverAfterMs);
    this.#store.setMark("clean", "0");
  }

  start(): void {
    this.#stopped = false;
    this.poke();
  }

  /** Takes nothing new, lets what runs end, closes the file. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    while (this.#episodes.size + this.#activities.size > 0) await this.#change();
    this.#store.close();
  }

  clientBinding(): string {
    return bindingFor(this.#options.hubName, this.#options.address);
  }

  http(request: HubRequest): HubResponse {
    return answerHttp(this, this.#options.hubName, this.#options.address, request);
  }

  get store(): Store {
    return this.#store;
  }

  knowsOrchestrator(name: string): boolean {
    return this.#options.runner.has(name, "orchestration");
  }

  /** Looks for what is visible now; called after every commit and after the clock moved. */
  poke(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    const now = Date.now();
    for (const id of this.#store.ready(now)) {
      if (this.#episodes.size >= this.#options.settings.maxConcurrentOrchestrators) break;
      if (!this.#episodes.has(id)) this.#track(this.#episodes, id, this.#episode(id));
    }
    const room = this.#options.settings.maxConcurrentActivities - this.#activities.size;
    if (room > 0) {
      for (const item of this.#store.work(now, room, this.#activities))
        this.#track(this.#activities, item.id, this.#activity(item));
    }
    const next = this.#store.nextVisible(now);
    this.#timer = setTimeout(
      () => this.poke(),
      Math.min(LONGEST_SLEEP_MS, next === undefined ? LONGEST_SLEEP_MS : Math.max(next - now, 1)),
    );
  }

  /** When the next hidden thing becomes visible, in milliseconds since the epoch. */
  nextDueAt(): number | undefined {
    return this.#store.nextVisible(Date.now());
  }

  /** Resolves when no episode or activity is under way and nothing is visible. */
  async idle(): Promise<void> {
    for (;;) {
      this.poke();
      if (this.#episodes.size + this.#activities.size === 0) return;
      await this.#change();
    }
  }

  readonly control: ControlOperations = {
    loseNext: (rule) => this.faults.loseNext(rule),
    runActivityTwice: (rule) => this.faults.runTwice(rule),
    clearFaults: () => this.faults.clear(),
    transactions: () => ({ commits: this.#store.commits }),
    nextDueAt: () => this.nextDueAt() ?? null,
  };

  /** Starts an instance: durable when it returns. */
  begin(instance: NewInstance): void {
    const now = Date.now();
    const executionId = instance.parent ? randomUUID().replaceAll("-", "") : randomUUID();
    const begun: Instance = {
      ...instance,
      executionId,
      output: null,
      customStatus: null,
      status: "Pending",
      createdAt: now,
      updatedAt: now,
      keepsStatus: false,
    };
    this.#store.purge(instance.id);
    this.#store.save(begun, []);
    const at = new Date(now).toISOString();
    const started = executionStarted(at, {
      instanceId: instance.id,
      executionId,
      name: instance.name,
      input: instance.input,
      version: instance.version,
      parent: instance.parent,
      generation: instance.parent ? null : 0,
    });
    this.#store.post({ instanceId: instance.id, executionId, event: started }, now);
  }

  #track<T>(set: Set<T>, key: T, work: Promise<void>): void {
    set.add(key);
    void work
      .catch((error: unknown) => console.error("task hub", error))
      .finally(() => {
        set.delete(key);
        for (const wake of this.#waiters) wake();
        this.#waiters.clear();
        this.poke();
      });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.add(resolve));
  }

  async #episode(id: string): Promise<void> {
    const now = Date.now();
    const instance = this.#store.instance(id);
    const messages = this.#store.messagesFor(id, now);
    if (!instance || TERMINAL.includes(instance.status)) {
      this.#store.commit(() => this.#store.dropMessages(id));
      return;
    }
    const history = this.#store.history(id);
    const news = relevantEvents(instance, history, messages);
    if (news.length === 0) {
      this.#store.commit(() => messages.forEach((message) => this.#store.deleteMessage(message.id)));
      return;
    }
    try {
      const outcome = await runEpisode(
        instance,
        history,
        news,
        (current, sent) => this.#callOrchestrator(current, sent),
        (name, kind) => this.#options.runner.has(name, kind),
      );
      if (this.#store.instance(id)?.executionId !== instance.executionId) return; // purged or replaced meanwhile
      this.#store.commit(() => {
        for (const message of messages) this.#store.deleteMessage(message.id);
        this.#apply(outcome);
      });
      this.#platformFaults.delete(id);
    } catch (error) {
      await this.#platformFault(id, error);
    }
  }

  /** Not the user's fault: nothing is written, the same messages are tried again; a poison instance is parked. */
  async #platformFault(id: string, error: unknown): Promise<void> {
    const faults = (this.#platformFaults.get(id) ?? 0) + 1;
    this.#platformFaults.set(id, faults);
    console.error(`episode of ${id} abandoned (${faults})`, error);
    if (faults < MOST_PLATFORM_FAULTS) return new Promise((resolve) => setTimeout(resolve, PLATFORM_PAUSE_MS));
    const instance = this.#store.instance(id);
    if (instance)
      this.#store.commit(() => {
        this.#store.dropMessages(id);
        this.#store.save(
          {
            ...instance,
            output: JSON.stringify(`parked after ${faults} faults of the platform`),
            updatedAt: Date.now(),
          },
          this.#store.history(id),
        );
      });
  }

  async #callOrchestrator(instance: Instance, history: readonly HistoryEvent[]): Promise<OrchestratorState> {
    const started = history.find((one) => one.EventType === EventType.ExecutionStarted);
    const payload = {
      history,
      input: instance.input === null ? null : (JSON.parse(instance.input) as unknown),
      instanceId: instance.id,
      isReplaying: started?.IsPlayed ?? false,
      parentInstanceId: instance.parent?.instanceId ?? null,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 3,
      longRunningTimerIntervalDuration: "3.00:00:00",
      maximumShortTimerDuration: "6.00:00:00",
      defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
    };
    let answer: TypedData | undefined;
    if (!this.#options.runner.has(instance.name, "orchestration"))
      return {
        isDone: false,
        actions: [[]],
        error: `The function '${instance.name}' doesn't exist, is disabled, or is not an orchestrator function.`,
      };
    try {
      answer = await this.#options.runner.run(
        instance.name,
        "orchestration",
        { string: JSON.stringify(payload) },
        instance.id,
      );
    } catch (error) {
      return parseFailedOrchestrator(error);
    }
    if (answer?.json === undefined) throw new Error(`the worker answered no orchestrator state for ${instance.name}`);
    return JSON.parse(answer.json) as OrchestratorState;
  }

  #apply({ instance, history, decisions, cancelledTimers, endedAs }: Outcome): void {
    this.#store.save(instance, history);
    for (const id of cancelledTimers) this.#store.deleteTimer(instance.id, instance.executionId, id);
    for (const decision of decisions) this.#carryOut(instance, decision);
    if (endedAs !== undefined) this.#tellParent(instance, endedAs);
  }

  #carryOut(instance: Instance, decision: Decision): void {
    const { id: instanceId, executionId } = instance;
    switch (decision.kind) {
      case "task":
        this.#store.addWork(
          { instanceId, executionId, taskId: decision.id, name: decision.name, input: decision.input },
          Date.now(),
        );
        return;
      case "timer": {
        if (decision.cancelled) return;
        const fired = event(EventType.TimerFired, new Date().toISOString(), {
          TimerId: decision.id,
          FireAt: decision.fireAt,
        });
        this.#store.post({ instanceId, executionId, event: fired }, Date.parse(decision.fireAt), decision.id);
        return;
      }
      case "child": {
        const child = decision.instanceId ?? `${executionId}:${decision.id}`;
        if (child === instanceId) return;
        this.begin({
          id: child,
          name: decision.name,
          version: null,
          input: decision.input,
          parent: { name: instance.name, instanceId, executionId, taskId: decision.id },
        });
        return;
      }
      case "send":
        return; // entities are not simulated: the message goes nowhere
    }
  }

  #tellParent(instance: Instance, status: string): void {
    const { parent } = instance;
    if (!parent) return;
    const at = new Date().toISOString();
    const failure = {
      Reason: textOf(instance.output),
      Details: status === "Terminated" ? null : "",
      FailureDetails: null,
    };
    const told =
      status === "Completed"
        ? event(EventType.SubOrchestrationInstanceCompleted, at, {
            TaskScheduledId: parent.taskId,
            Result: instance.output,
          })
        : event(EventType.SubOrchestrationInstanceFailed, at, { TaskScheduledId: parent.taskId, ...failure });
    this.#store.post({ instanceId: parent.instanceId, executionId: parent.executionId, event: told }, Date.now());
  }

  async #activity(item: WorkItem): Promise<void> {
    const completed = await this.#runActivity(item);
    if (!completed) return;
    const again = this.faults.takeTwice(item.name);
    this.#store.commit(() => {
      if (again) this.#store.hideWork(item.id, Date.now() + this.#options.settings.redeliverAfterMs);
      else this.#store.finishWork(item.id);
      this.#store.post({ instanceId: item.instanceId, executionId: item.executionId, event: completed }, Date.now());
    });
  }

  async #runActivity(item: WorkItem): Promise<HistoryEvent | undefined> {
    const at = (): string => new Date().toISOString();
    try {
      const result = await this.#options.runner.run(item.name, "activity", taskInput(item.input), item.instanceId);
      return event(EventType.TaskCompleted, at(), { TaskScheduledId: item.taskId, Result: resultText(result) });
    } catch (error) {
      if (this.#stopped) return undefined; // the host is going down: the work comes back
      return event(EventType.TaskFailed, at(), {
        TaskScheduledId: item.taskId,
        ...failedActivity(item.name, error),
        FailureDetails: null,
      });
    }
  }
}

const textOf = (json: string | null): string => {
  try {
    const value: unknown = JSON.parse(json ?? "null");
    return typeof value === "string" ? value : (json ?? "");
  } catch {
    return json ?? "";
  }
};

export const openTaskHub = (options: TaskHubOptions): TaskHub => new TaskHub(options);
