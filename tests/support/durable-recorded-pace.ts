import type { HistoryEvent } from "../../local/host/durable/history.ts";
import { executionOf, type Trace } from "./durable-traces.ts";

/**
 * When the real engine made a call. Ours is as fast as a promise; held back to the recorded time, events find an
 * instance in the state in which they found it then.
 */
export class RecordedPace {
  readonly #orchestrations = new Map<string, number>();
  readonly #activities = new Map<string, number[]>();
  readonly #executions = new Map<string, string[]>();

  constructor({ exchanges, activities }: Trace) {
    const executions = new Map<string, string[]>();
    for (const exchange of exchanges) {
      const { instanceId, history } = exchange.sent;
      const generation = indexOf(executions, instanceId, executionOf(exchange));
      const key = orchestrationKey(instanceId, generation, history);
      if (!this.#orchestrations.has(key)) this.#orchestrations.set(key, Date.parse(exchange.at));
    }
    for (const { name, instanceId, at } of activities) {
      const key = `${name} ${instanceId}`;
      this.#activities.set(key, [...(this.#activities.get(key) ?? []), Date.parse(at)]);
    }
  }

  orchestrationAt(instanceId: string, executionId: string, history: readonly HistoryEvent[]): number | undefined {
    const generation = indexOf(this.#executions, instanceId, executionId);
    return this.#orchestrations.get(orchestrationKey(instanceId, generation, history));
  }

  activityAt(name: string, instanceId: string): number | undefined {
    return this.#activities.get(`${name} ${instanceId}`)?.shift();
  }
}

const orchestrationKey = (instanceId: string, generation: number, history: readonly HistoryEvent[]): string => {
  const messages = history.filter(({ EventId, EventType }) => EventId === -1 && EventType !== 12 && EventType !== 13);
  return `${instanceId} ${generation} ${messages.length}`;
};

/** The how-manieth execution of its instance this is. */
function indexOf(executions: Map<string, string[]>, instanceId: string, executionId: string): number {
  const known = executions.get(instanceId) ?? [];
  executions.set(instanceId, known);
  if (!known.includes(executionId)) known.push(executionId);
  return known.indexOf(executionId);
}
