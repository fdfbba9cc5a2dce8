import type { HistoryEvent } from "../../local/host/durable/history.ts";
import type { TypedData } from "../../local/host/typed-data.ts";
import type { ActivityRun, Trace } from "./durable-traces.ts";

interface Scripted {
  readonly run: ActivityRun;
  readonly durationMs: number;
}

/**
 * The recorded activities of a scenario whose activities read what the recorder wrote beside them: they answer again
 * what they answered then, and take as long.
 */
export class ScriptedActivities {
  readonly #waiting = new Map<string, Scripted[]>();

  constructor(trace: Trace) {
    const endings = new Map<string, number[]>();
    for (const run of trace.activities.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))) {
      const ended = endings.get(run.instanceId) ?? endingsOf(trace, run.instanceId);
      endings.set(run.instanceId, ended);
      const startedAt = Date.parse(run.at);
      const index = ended.findIndex((at) => at >= startedAt);
      const [endedAt = startedAt] = index < 0 ? [] : ended.splice(index, 1);
      const key = keyOf(run.name, run.instanceId, run.sentRaw);
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), { run, durationMs: endedAt - startedAt }]);
    }
  }

  /** The next recorded run of that name, instance and input; undefined when there are no more. */
  take(name: string, instanceId: string, sent: TypedData): Scripted | undefined {
    return this.#waiting.get(keyOf(name, instanceId, sent))?.shift();
  }
}

const keyOf = (name: string, instanceId: string, sent: TypedData): string => JSON.stringify([name, instanceId, sent]);

/** When the activities of an instance ended, in order. */
function endingsOf({ exchanges }: Trace, instanceId: string): number[] {
  const times = exchanges
    .filter(({ sent }) => sent.instanceId === instanceId)
    .flatMap(({ sent }) => sent.history.filter(isEnding))
    .map(({ Timestamp }) => Date.parse(Timestamp));
  return [...new Set(times)].sort((one, other) => one - other);
}

const isEnding = ({ EventType }: HistoryEvent): boolean => EventType === 5 || EventType === 6;
