import { createRequire } from "node:module";
import type { OrchestrationContext, OrchestrationHandler, Task } from "durable-functions";
import { DummyOrchestrationContext } from "durable-functions";
import { setClock } from "../../local/clock.ts";
import { runEpisode, type EpisodeResult } from "../../local/host/durable/episode.ts";
import { eventRaised, executionStarted, taskCompleted, taskFailed } from "../../local/host/durable/history.ts";
import type { HistoryEvent } from "../../local/host/durable/history.ts";
import { orchestrationPayload, parseReturned, parseThrown } from "../../local/host/durable/protocol.ts";
import type { Instance } from "../../local/host/durable/store.ts";

type Listener = (trigger: unknown, context: unknown) => Promise<unknown>;
const { createOrchestrator } = createRequire(import.meta.url)("durable-functions/lib/src/util/testingUtils.js") as {
  readonly createOrchestrator: (handler: OrchestrationHandler) => Listener;
};

/** What a host sends an orchestrator, answered by the SDK's own replay as on the platform. */
export async function replayed(handler: OrchestrationHandler, sent: unknown): Promise<unknown> {
  return createOrchestrator(handler)(sent, new DummyOrchestrationContext("replayed", "1", () => undefined));
}

/** An activity as it was called. */
export interface Act {
  readonly atMs: number;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A message on its way to the instance; without an execution it reaches whichever is current. */
interface Waiting {
  readonly executionId: string | null;
  readonly event: HistoryEvent;
  readonly visibleAt: number;
}

type Work = EpisodeResult["workItems"][number];
type Generations = (context: OrchestrationContext) => Generator<Task, unknown, unknown>;

/** One instance of an orchestrator on the engine of the local stack, without its store: time passes when a test says so. */
export class LoopRun {
  readonly acts: Act[] = [];
  /** The input of every generation. */
  readonly inputs: unknown[] = [];
  nowMs: number;
  readonly #handler: OrchestrationHandler;
  readonly #activity: (act: Act) => unknown;
  #instance: Instance | undefined;
  #history: readonly HistoryEvent[] = [];
  #waiting: Waiting[] = [];
  #work: Work[] = [];

  /** @param activity answers for every activity; what it throws is its failure */
  constructor(handler: Generations, input: unknown, nowMs: number, activity: (act: Act) => unknown) {
    this.#handler = handler as OrchestrationHandler;
    this.#activity = activity;
    this.nowMs = nowMs;
    const start = { instanceId: "one", executionId: "first", name: "loop", parent: null, generation: 0 };
    this.#send(executionStarted({ ...start, input: JSON.stringify(input) }, nowMs));
  }

  get status(): string {
    return this.#instance?.status ?? "Pending";
  }

  get output(): unknown {
    return JSON.parse(this.#instance?.output ?? "null") as unknown;
  }

  /** When the engine will look at the instance again by itself, in milliseconds from now. */
  get wakesInMs(): number {
    return Math.min(...this.#waiting.map(({ visibleAt }) => visibleAt)) - this.nowMs;
  }

  /** The time of every timer in the history, in milliseconds from its creation. */
  get timersMs(): readonly number[] {
    return this.#history.flatMap((event) =>
      event.EventType === 10 ? [Date.parse(event.FireAt) - Date.parse(event.Timestamp)] : [],
    );
  }

  ring(name: string): void {
    this.#send(eventRaised(name, "{}", this.nowMs));
  }

  /** Everything that is due now, and what follows from it. */
  async settle(): Promise<void> {
    for (let episodes = 0; episodes < 500; episodes += 1) {
      setClock({ mode: "manual", nowMs: this.nowMs });
      const due = this.#waiting.filter(({ visibleAt }) => visibleAt <= this.nowMs);
      if (due.length > 0) {
        this.#waiting = this.#waiting.filter((one) => !due.includes(one));
        await this.#episode(due);
      }
      const work = this.#work.shift();
      if (work) this.#perform(work);
      else if (due.length === 0) return;
    }
    throw new Error("the orchestrator spins");
  }

  async pass(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    await this.settle();
    while (this.nowMs + this.wakesInMs <= until) {
      this.nowMs += this.wakesInMs;
      await this.settle();
    }
    this.nowMs = until;
    await this.settle();
  }

  async #episode(due: readonly Waiting[]): Promise<void> {
    const messages = due.map(({ executionId, event }, id) => ({ id, executionId, event }));
    const result = await runEpisode(this.#instance, this.#history, messages, {
      isKnown: () => true,
      invoke: async (_, call) => {
        if (call.history.length <= 3) this.inputs.push(JSON.parse(call.input ?? "null"));
        const sent = JSON.parse(orchestrationPayload(call).string ?? "") as unknown;
        try {
          return parseReturned({ json: JSON.stringify(await replayed(this.#handler, sent)) });
        } catch (error) {
          return parseThrown(error as Error);
        }
      },
    });
    if (!result) return;
    this.#instance = { ...result.instance, parked: null };
    this.#history = [...this.#history.slice(0, result.position), ...result.events];
    this.#work.push(...result.workItems);
    this.#waiting.push(...result.messages);
    this.#waiting = this.#waiting.filter(({ executionId }) => !result.endedExecutions.includes(executionId ?? ""));
  }

  #perform({ taskId, name, input, executionId }: Work): void {
    const act = { atMs: this.nowMs, name, input: JSON.parse(input ?? "{}") as Act["input"] };
    this.acts.push(act);
    let event: HistoryEvent;
    try {
      event = taskCompleted(5, taskId, JSON.stringify(this.#activity(act)), this.nowMs);
    } catch (error) {
      event = taskFailed(6, taskId, { reason: String(error), details: "the details" }, this.nowMs);
    }
    this.#send(event, executionId);
  }

  #send(event: HistoryEvent, executionId: string | null = null): void {
    this.#waiting.push({ executionId, event, visibleAt: this.nowMs });
  }
}
