import type { ControlOperations } from "../../service.ts";
import { runWorkItem } from "./activities.ts";
import { httpCaller, type HttpCaller } from "./call-http.ts";
import { controlOperations } from "./control.ts";
import { Database } from "./database.ts";
import { Faults } from "./faults.ts";
import { answer } from "./http-api.ts";
import type { HttpHub } from "./hub-context.ts";
import type { HubRequest, HubResponse } from "./http-messages.ts";
import { runInstance } from "./orchestrations.ts";
import type { FunctionRunner } from "./runner.ts";
import type { TaskHubSettings } from "./settings.ts";
import type { OutgoingMessage } from "./messages.ts";
import { Store } from "./store.ts";
import { clientBinding, type HubAddress } from "./urls.ts";
import { WorkQueue } from "./work-queue.ts";

export interface TaskHubOptions {
  /** The SQLite file; a second task hub on it refuses to start. */
  readonly file: string;
  readonly hubName: string;
  readonly runner: FunctionRunner;
  readonly settings: TaskHubSettings;
  readonly address: HubAddress;
  /** Instead of both visibility timeouts of the settings. */
  readonly redeliverAfterMs?: number;
  /** What `callHttp` of an orchestrator does; it reaches this machine only, unless told otherwise. */
  readonly callHttp?: HttpCaller;
}

/** An embedded Durable task hub. Time is `Date`, so a moved clock moves its timers; see `poke`. */
export interface TaskHub {
  start(): void;
  /** Takes no new work, lets what runs end (bounded), closes the file. */
  stop(): Promise<void>;
  /** Answers what came to `…/durabletask/<path>`; the host has checked the key or the secret. */
  http(request: HubRequest): Promise<HubResponse>;
  /** The JSON text of the durableClient binding. */
  clientBinding(): string;
  /** When the next timer or hidden message is due. */
  nextDueAt(): number | undefined;
  /** Looks for work that has become due: call it after the clock was moved. */
  poke(): void;
  /** Answers when nothing runs and nothing is due. */
  idle(): Promise<void>;
  readonly control: ControlOperations;
  /** Committed transactions by kind. */
  transactions(): Readonly<Record<string, number>>;
}

/** Sleeps are short: a moved clock is noticed without being told. */
const LONGEST_SLEEP_MS = 1000;
const LONGEST_STOP_MS = 10_000;

export const openTaskHub = (options: TaskHubOptions): TaskHub => new EmbeddedTaskHub(options);

class EmbeddedTaskHub implements TaskHub {
  readonly control: ControlOperations;
  readonly #db: Database;
  readonly #store: Store;
  readonly #http: HttpHub;
  readonly #instances: WorkQueue<string>;
  readonly #workItems: WorkQueue<number>;
  readonly #idleWaiters: (() => void)[] = [];
  #lookedUntil = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;
  #running = false;

  constructor({ file, hubName, runner, settings, address, redeliverAfterMs, callHttp }: TaskHubOptions) {
    this.#db = new Database(file);
    this.#store = new Store(this.#db);
    const faults = new Faults();
    this.#http = {
      db: this.#db,
      store: this.#store,
      runner,
      faults,
      hubName,
      address,
      callHttp: callHttp ?? httpCaller([]),
      settings: {
        ...settings,
        controlQueueVisibilityTimeoutMs: redeliverAfterMs ?? settings.controlQueueVisibilityTimeoutMs,
        workItemQueueVisibilityTimeoutMs: redeliverAfterMs ?? settings.workItemQueueVisibilityTimeoutMs,
      },
      deliver: (messages) => this.#deliver(messages),
      take: (ids) => {
        if (this.#running) for (const id of ids) this.#workItems.add(id);
      },
      isStopping: () => !this.#running,
      poke: () => this.poke(),
    };
    const onChange = (): void => this.#answerIdle();
    const { maxConcurrentOrchestrators, maxConcurrentActivities } = settings;
    this.#instances = new WorkQueue(maxConcurrentOrchestrators, (id) => runInstance(this.#http, id), onChange);
    this.#workItems = new WorkQueue(
      maxConcurrentActivities,
      (id) => runWorkItem(this.#http, id, (gate) => this.#workItems.hold(gate)),
      onChange,
    );
    this.control = controlOperations(this.#http);
  }

  start(): void {
    this.#running = true;
    this.poke();
  }

  async stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#http.faults.clear();
    const { waiting, ended } = this.#workItems.stop();
    const now = Date.now();
    if (waiting.length > 0) {
      this.#db.transaction("release", () => waiting.forEach((id) => this.#store.hideWorkItem(id, now)));
    }
    const allEnded = Promise.all([ended, this.#instances.stop().ended]);
    await Promise.race([allEnded, new Promise((resolve) => setTimeout(resolve, LONGEST_STOP_MS).unref())]);
    this.#db.close();
  }

  http(request: HubRequest): Promise<HubResponse> {
    return answer(this.#http, request);
  }

  clientBinding(): string {
    return clientBinding(this.#http.hubName, this.#http.address);
  }

  nextDueAt(): number | undefined {
    return this.#store.nextVisibleAt();
  }

  poke(): void {
    if (!this.#running) return;
    const now = Date.now();
    const from = Math.min(this.#lookedUntil, now);
    this.#lookedUntil = now;
    for (const instanceId of this.#store.instancesDue(from, now)) this.#instances.add(instanceId);
    for (const id of this.#store.workItemsDue(from, now)) if (!this.#workItems.has(id)) this.#workItems.add(id);
    this.#sleep(now, this.#store.nextVisibleAt() ?? Infinity);
  }

  async idle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // what was just released is work again by then
    this.poke();
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  transactions(): Readonly<Record<string, number>> {
    return this.#db.counts;
  }

  #deliver(messages: readonly OutgoingMessage[]): void {
    if (!this.#running) return;
    const now = Date.now();
    for (const { instanceId, visibleAt } of messages) {
      if (visibleAt <= now) this.#instances.add(instanceId);
      else if (visibleAt < this.#wakesAt) this.#sleep(now, visibleAt);
    }
  }

  #sleep(now: number, until: number): void {
    clearTimeout(this.#timer);
    this.#wakesAt = until;
    this.#timer = setTimeout(() => this.poke(), Math.min(Math.max(until - now, 1), LONGEST_SLEEP_MS));
  }

  #isIdle(): boolean {
    return this.#instances.isIdle && this.#workItems.isIdle;
  }

  #answerIdle(): void {
    if (!this.#isIdle()) return;
    for (const waiter of this.#idleWaiters.splice(0)) waiter();
  }
}
