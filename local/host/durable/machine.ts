import type { Action, Decision, OrchestratorState, RetryOptions } from "./actions.ts";
import { EventType, type HistoryEvent } from "./history.ts";

const DAY_MS = 86_400_000;
const SHORT_TIMER_MS = 6 * DAY_MS;
const SEGMENT_MS = 3 * DAY_MS;

interface Node {
  finished(): boolean;
}

class Leaf implements Node {
  settled = false;
  failed = false;
  readonly id: number | undefined;
  constructor(id: number | undefined) {
    this.id = id;
  }
  finished(): boolean {
    return this.settled;
  }
}

/** A decision is missing or differs from what the history recorded: the code changed under a running instance. */
export class NonDeterminism extends Error {}

/**
 * Replays the worker's list of actions against the history, as the engine's own shim does: an action is begun only
 * when the one before it is finished, ids are given in that order, compound actions begin all their children.
 */
export class Machine {
  readonly issued: Decision[] = [];
  /** Index in the history of the event at which the list was worked off and nothing was open. */
  finishedAt: number | undefined;
  continueAsNew: { readonly input: unknown } | undefined;
  readonly #actions: readonly Action[];
  readonly #open = new Map<number, Leaf>();
  readonly #waiting = new Map<string, Leaf[]>();
  readonly #early = new Map<string, number>();
  readonly #chains: Chain[] = [];
  readonly #entityReplies: Leaf[] = [];
  readonly #ends: boolean;
  readonly #executionId: string;
  #next = 0;
  #current: Node | undefined;
  #nowMs = 0;

  readonly #knows: (name: string, kind: "activity" | "orchestration") => boolean;

  constructor(
    state: OrchestratorState,
    executionId: string,
    knows: (name: string, kind: "activity" | "orchestration") => boolean = () => true,
  ) {
    this.#actions = state.actions[0] ?? [];
    this.#knows = knows;
    this.#ends = state.isDone || state.error !== undefined;
    this.#executionId = executionId;
  }

  /** Open = activities, children and uncancelled timers; waits for events are not. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Open ids, for deciding whether a completion is the first of its kind. */
  isWaitingFor(id: number): boolean {
    return this.#open.has(id);
  }

  replay(history: readonly HistoryEvent[]): void {
    history.forEach((one, index) => {
      this.#on(one);
      this.#noteEnd(index);
    });
  }

  #on(one: HistoryEvent): void {
    switch (one.EventType) {
      case EventType.OrchestratorStarted:
        this.#nowMs = Math.max(this.#nowMs, Date.parse(one.Timestamp));
        return;
      case EventType.ExecutionStarted: {
        this.#advance();
        return;
      }
      case EventType.TaskScheduled:
      case EventType.TimerCreated:
      case EventType.SubOrchestrationInstanceCreated:
      case EventType.EventSent: {
        this.#check(one);
        return;
      }
      case EventType.TaskCompleted:
      case EventType.SubOrchestrationInstanceCompleted: {
        this.#settle(Number(one["TaskScheduledId"]), false);
        return;
      }
      case EventType.TaskFailed:
      case EventType.SubOrchestrationInstanceFailed: {
        this.#settle(Number(one["TaskScheduledId"]), true);
        return;
      }
      case EventType.TimerFired: {
        this.#settle(Number(one["TimerId"]), false);
        return;
      }
      case EventType.EventRaised: {
        this.#raise(String(one["Name"]));
        return;
      }
      default:
        return;
    }
  }

  #noteEnd(index: number): void {
    const listDone = this.#next >= this.#actions.length && (this.#current?.finished() ?? true);
    if (this.finishedAt === undefined && this.#started && this.#ends && listDone && !this.isOpen)
      this.finishedAt = index;
  }

  #started = false;

  #advance(): void {
    this.#started = true;
    while (this.#current?.finished() ?? true) {
      const action = this.#actions[this.#next];
      if (!action) return;
      this.#next += 1;
      this.#current = this.#begin(action);
    }
  }

  #begin(action: Action): Node {
    switch (action.actionType) {
      case 0:
        return this.#task(action.functionName, action.input);
      case 1:
        return this.#chain(
          new RetryChain(action.retryOptions, () => this.#task(action.functionName, action.input), this),
        );
      case 2:
        return this.#child(action.functionName, action.instanceId, action.input);
      case 3:
        return this.#chain(
          new RetryChain(
            action.retryOptions,
            () => this.#child(action.functionName, action.instanceId, action.input),
            this,
          ),
        );
      case 4:
        this.continueAsNew = { input: action.input };
        return done();
      case 5:
        return this.#timer(Date.parse(action.fireAt), action.fireAt, action.isCanceled);
      case 6:
        return this.#wait(action.externalEventName);
      case 7:
        return this.#callEntity(action.instanceId, action.operation, action.input);
      case 9:
        this.#send(action.instanceId, action.operation, action.input, true);
        return done();
      case 11:
      case 12: {
        const children = action.compoundActions.map((child) => this.#begin(child));
        const any = action.actionType === 11;
        return {
          finished: () => (any ? children.some((one) => one.finished()) : children.every((one) => one.finished())),
        };
      }
      case 8:
      case 13:
      case 14:
        throw new Error(`the embedded engine has no ${action.actionType === 8 ? "callHttp" : "entity locks"}`);
    }
  }

  #task(name: string, input: unknown): Leaf {
    if (!this.#knows(name, "activity")) return new Leaf(undefined); // the engine schedules nothing and waits for ever
    const id = this.#issue((decision) => ({ id: decision, kind: "task", name, input: serialized(input) }));
    return this.#opened(id);
  }

  #child(name: string, instanceId: string | undefined, input: unknown): Leaf {
    if (!this.#knows(name, "orchestration") || instanceId?.startsWith("@")) return new Leaf(undefined);
    const id = this.#issue((decision) => ({
      id: decision,
      kind: "child",
      name,
      instanceId: instanceId ?? `${this.#executionId}:${decision}`,
      input: input === undefined ? null : JSON.stringify(input),
    }));
    return this.#opened(id);
  }

  #opened(id: number): Leaf {
    const leaf = new Leaf(id);
    this.#open.set(id, leaf);
    return leaf;
  }

  #timer(untilMs: number, fireAt: string, cancelled: boolean): Node {
    if (untilMs - this.#nowMs <= SHORT_TIMER_MS) return this.timerLeaf(fireAt, cancelled);
    return this.#chain(new LongTimer(untilMs, fireAt, cancelled, this));
  }

  /** One timer of the history. A cancelled one is recorded, but nobody waits for it. */
  timerLeaf(fireAt: string, cancelled: boolean): Leaf {
    const id = this.#issue((decision) => ({ id: decision, kind: "timer", fireAt, cancelled }));
    const leaf = new Leaf(id);
    if (cancelled) leaf.settled = true;
    else this.#open.set(id, leaf);
    return leaf;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  #chain(chain: Chain): Node {
    this.#chains.push(chain);
    return chain;
  }

  #wait(name: string): Leaf {
    const leaf = new Leaf(undefined);
    const key = name.toLowerCase(); // the engine's own matching; the SDK's is exact
    const early = this.#early.get(key) ?? 0;
    if (early > 0) {
      this.#early.set(key, early - 1);
      leaf.settled = true;
    } else {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), leaf]);
    }
    return leaf;
  }

  #callEntity(target: string, operation: string, input: unknown): Leaf {
    this.#send(target, operation, input, false);
    const leaf = new Leaf(undefined);
    this.#entityReplies.push(leaf);
    return leaf;
  }

  #send(target: string, operation: string, input: unknown, signal: boolean): void {
    this.#issue((decision) => ({ id: decision, kind: "send", target, operation, input, signal }));
  }

  #issue(make: (id: number) => Decision): number {
    const decision = make(this.issued.length);
    this.issued.push(decision);
    return decision.id;
  }

  #settle(id: number, failed: boolean): void {
    const leaf = this.#open.get(id);
    if (!leaf) return; // a duplicate, or a timer that was cancelled
    this.#open.delete(id);
    leaf.settled = true;
    leaf.failed = failed;
    for (const chain of this.#chains) chain.progress();
    this.#advance();
  }

  #raise(name: string): void {
    const key = name.toLowerCase();
    const waits = this.#waiting.get(key) ?? [];
    const newest = waits.pop();
    if (newest) newest.settled = true;
    else if (isGuid(name) && this.#entityReplies.length > 0) this.#replyFromEntity();
    else this.#early.set(key, (this.#early.get(key) ?? 0) + 1);
    this.#advance();
  }

  #replyFromEntity(): void {
    const reply = this.#entityReplies.find((leaf) => !leaf.settled);
    if (reply) reply.settled = true;
  }

  #check(one: HistoryEvent): void {
    const issued = this.issued[one.EventId];
    const kind = KINDS[one.EventType];
    if (!issued)
      throw new NonDeterminism(
        `A previous execution of this orchestration scheduled ${describe(one)}, but the current replay execution hasn't (yet?) scheduled this task.`,
      );
    const sameName =
      issued.kind === "timer" ||
      issued.kind === "send" ||
      issued.name.toLowerCase() === String(one["Name"]).toLowerCase();
    if (issued.kind !== kind || !sameName)
      throw new NonDeterminism(
        `A previous execution of this orchestration scheduled ${describeNumbered(one)}, but the current orchestration replay instead produced a ${PRODUCED[issued.kind]} action with this sequence number.`,
      );
  }
}

const KINDS: Partial<Record<number, Decision["kind"]>> = {
  [EventType.TaskScheduled]: "task",
  [EventType.TimerCreated]: "timer",
  [EventType.SubOrchestrationInstanceCreated]: "child",
  [EventType.EventSent]: "send",
};

const PRODUCED: Readonly<Record<Decision["kind"], string>> = {
  task: "ScheduleTaskOrchestratorAction",
  timer: "CreateTimerOrchestratorAction",
  child: "CreateSubOrchestrationAction",
  send: "SendEventOrchestratorAction",
};

const WHAT: Readonly<Record<Decision["kind"], string>> = {
  task: "an activity task",
  timer: "a timer task",
  child: "a sub-orchestration task",
  send: "an event",
};

const describe = (one: HistoryEvent): string => {
  const kind = KINDS[one.EventType] ?? "task";
  const named = kind === "task" ? ` and name '${String(one["Name"])}' (version '')` : "";
  return `${WHAT[kind]} with sequence ID ${one.EventId}${named}`;
};

const describeNumbered = (one: HistoryEvent): string => {
  const kind = KINDS[one.EventType] ?? "task";
  return `${WHAT[kind]} with sequence number ${one.EventId}${kind === "task" ? ` named '${String(one["Name"])}'` : ""}`;
};

const isGuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

const done = (): Node => ({ finished: () => true });

/** The JSON text of an input; strings arrive quoted already, nothing is nothing. */
const serialized = (input: unknown): string | null =>
  input === undefined || input === null ? null : typeof input === "string" ? input : JSON.stringify(input);

interface Chain extends Node {
  /** Goes on when its present part is settled. */
  progress(): void;
}

/** Attempts with a timer after each failure, one more timer after the last. */
class RetryChain implements Chain {
  #attempt = 1;
  #attempting = true;
  #over = false;
  #leaf: Leaf;
  readonly #options: RetryOptions;
  readonly #again: () => Leaf;
  readonly #machine: Machine;

  constructor(options: RetryOptions, again: () => Leaf, machine: Machine) {
    this.#options = options;
    this.#again = again;
    this.#machine = machine;
    this.#leaf = again();
  }

  finished(): boolean {
    return this.#over;
  }

  progress(): void {
    if (this.#over || !this.#leaf.settled) return;
    if (!this.#attempting) {
      this.#afterPause();
      return;
    }
    if (!this.#leaf.failed) {
      this.#over = true;
      return;
    }
    this.#attempting = false;
    this.#leaf = this.#machine.timerLeaf(new Date(this.#machine.nowMs + this.#pauseMs()).toISOString(), false);
  }

  #afterPause(): void {
    if (this.#attempt >= this.#options.maxNumberOfAttempts) {
      this.#over = true;
      return;
    }
    this.#attempt += 1;
    this.#attempting = true;
    this.#leaf = this.#again();
  }

  #pauseMs(): number {
    const {
      firstRetryIntervalInMilliseconds: first,
      backoffCoefficient = 1,
      maxRetryIntervalInMilliseconds,
    } = this.#options;
    if (this.#attempt >= this.#options.maxNumberOfAttempts) return 0;
    return Math.min(
      first * backoffCoefficient ** (this.#attempt - 1),
      maxRetryIntervalInMilliseconds ?? Number.MAX_SAFE_INTEGER,
    );
  }
}

/** A timer of more than six days: hops of three days, the last one the rest. */
class LongTimer implements Chain {
  #leaf: Leaf;
  readonly #untilMs: number;
  readonly #fireAt: string;
  readonly #machine: Machine;
  readonly #cancelled: boolean;

  constructor(untilMs: number, fireAt: string, cancelled: boolean, machine: Machine) {
    this.#untilMs = untilMs;
    this.#fireAt = fireAt;
    this.#machine = machine;
    this.#cancelled = cancelled;
    this.#leaf = this.#hop();
  }

  finished(): boolean {
    return this.#leaf.settled && (this.#cancelled || this.#machine.nowMs >= this.#untilMs);
  }

  progress(): void {
    if (this.#leaf.settled && !this.finished()) this.#leaf = this.#hop();
  }

  #hop(): Leaf {
    const hopMs = this.#machine.nowMs + SEGMENT_MS;
    return this.#machine.timerLeaf(
      hopMs < this.#untilMs ? new Date(hopMs).toISOString() : this.#fireAt,
      this.#cancelled,
    );
  }
}
