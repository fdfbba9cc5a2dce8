import { createHash } from "node:crypto";
import type { Completion, Decision } from "./decisions.ts";
import { assertSameDecision, type Recorded } from "./determinism.ts";
import type { HistoryEvent } from "./history.ts";
import { ShimTask } from "./shim-task.ts";

type Start = { readonly kind: "task" | "timer" | "child" | "send" } & Decision;

/** The host's side of one replay: ids, open tasks, waiting events, what was decided and not yet recorded. */
export class ShimContext {
  now = 0;
  /** Set once continueAsNew is called: events from then on belong to the next generation. */
  nextInput: { readonly input: string | null } | undefined;
  readonly carriedOver: HistoryEvent[] = [];
  readonly executionId: string;
  readonly instanceId: string;

  #nextId = 0;
  #completed = false;
  #suspended = false;
  #decisions = new Map<number, Decision>();
  #heldDecisions = new Map<number, Decision>();
  readonly #heldEvents: HistoryEvent[] = [];
  readonly #open = new Map<number, ShimTask>();
  readonly #waiting = new Map<string, ShimTask[]>();
  readonly #early = new Map<string, number>();

  constructor(instanceId: string, executionId: string) {
    this.instanceId = instanceId;
    this.executionId = executionId;
  }

  get hasOpenTasks(): boolean {
    return this.#open.size > 0;
  }

  /** Decisions that the history does not hold yet, by id. */
  decisions(): Decision[] {
    return [...this.#decisions.values()].sort((one, other) => one.id - other.id);
  }

  takeId(): number {
    return this.#nextId++;
  }

  /** Decides something that stays open until its completion arrives. */
  open(decision: Start): ShimTask {
    const task = new ShimTask();
    this.#decisions.set(decision.id, decision);
    this.#open.set(decision.id, task);
    return task;
  }

  /** Decides something that nothing waits for. */
  send(decision: Start): void {
    this.#decisions.set(decision.id, decision);
  }

  cancel(id: number): void {
    const task = this.#open.get(id);
    this.#open.delete(id);
    task?.settle();
  }

  /** The newest wait of a name gets the next event; events without a wait are kept in order. */
  waitFor(name: string): ShimTask {
    const key = name.toLowerCase();
    const early = this.#early.get(key) ?? 0;
    if (early > 0) {
      this.#early.set(key, early - 1);
      return ShimTask.ended();
    }
    const task = new ShimTask();
    this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), task]);
    return task;
  }

  complete(status: Completion["status"], result: string | null, details: string | null = null): void {
    const id = this.takeId();
    if (status === "Completed" && this.nextInput) {
      const { input } = this.nextInput;
      this.#decisions.set(id, { kind: "complete", id, status: "ContinuedAsNew", result: input, details: null });
      return;
    }
    if (this.#completed) return;
    this.#completed = true;
    this.#decisions.set(id, { kind: "complete", id, status, result, details });
  }

  /** Applies one event of the history; `start` runs the orchestrator's actions. */
  apply(event: HistoryEvent, start: () => void): void {
    if (event.EventType === 12) {
      this.now = Date.parse(event.Timestamp);
    } else if (this.#suspended && event.EventType !== 20 && event.EventType !== 3) {
      if (event.EventType !== 19) this.#heldEvents.push(event);
    } else {
      this.#applyNow(event, start);
    }
  }

  /** A guid that every replay derives again. */
  requestId(id: number): string {
    const hex = createHash("sha1").update(`${this.instanceId}\n${this.executionId}\n${id}`).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  #applyNow(event: HistoryEvent, start: () => void): void {
    switch (event.EventType) {
      case 0:
        start();
        break;
      case 3:
        this.complete("Terminated", event.Input);
        break;
      case 4:
      case 7:
      case 10:
      case 14:
        this.#recorded(event);
        break;
      case 5:
      case 8:
        this.#settle(event.TaskScheduledId, false, event.Result);
        break;
      case 6:
      case 9:
        this.#settle(event.TaskScheduledId, true);
        break;
      case 11:
        this.#settle(event.TimerId, false);
        break;
      case 15:
        this.#raise(event);
        break;
      case 19:
        this.#suspend();
        break;
      case 20:
        this.#resume(start);
        break;
      default: // brackets of an episode, rewound events
    }
  }

  #recorded(event: Recorded): void {
    const decision = this.#decisions.get(event.EventId);
    assertSameDecision(event, decision);
    this.#decisions.delete(event.EventId);
    if (event.EventType !== 14 || decision?.kind !== "send") return;
    // The answer of an entity comes under the id that was sent, not under one derived again.
    const waiting = this.#waiting.get(requestIdIn(decision.input));
    if (waiting) this.#waiting.set(requestIdIn(event.Input), waiting);
  }

  #settle(id: number, failed: boolean, result: string | null = null): void {
    const task = this.#open.get(id);
    this.#open.delete(id);
    task?.settle(failed, result);
  }

  #raise(event: HistoryEvent & { readonly EventType: 15 }): void {
    if (this.nextInput) {
      this.carriedOver.push(event);
      return;
    }
    const key = event.Name.toLowerCase();
    const waiting = this.#waiting.get(key)?.pop();
    if (waiting) waiting.settle();
    else this.#early.set(key, (this.#early.get(key) ?? 0) + 1);
  }

  #suspend(): void {
    this.#suspended = true;
    for (const [id, decision] of this.#decisions) this.#heldDecisions.set(id, decision);
    this.#decisions = new Map();
  }

  #resume(start: () => void): void {
    this.#suspended = false;
    this.#decisions = new Map([...this.#heldDecisions, ...this.#decisions]);
    this.#heldDecisions = new Map();
    for (const event of this.#heldEvents.splice(0)) this.#applyNow(event, start);
  }
}

const requestIdIn = (input: string): string => (JSON.parse(input) as { readonly id: string }).id;
