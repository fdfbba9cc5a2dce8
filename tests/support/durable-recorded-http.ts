import { HTTP_ACTIVITY, type DurableHttpResponse, type HttpCaller } from "../../local/host/durable/call-http.ts";
import type { Trace } from "./durable-traces.ts";

/** The world outside, as it answered `callHttp` when the scenario was recorded. */
export class RecordedHttp {
  readonly #answers = new Map<string, DurableHttpResponse[]>();

  constructor({ exchanges }: Trace) {
    const seen = new Set<string>();
    for (const { sent } of exchanges) {
      const calls = sent.history.filter((event) => event.EventType === 4 && event.Name === HTTP_ACTIVITY);
      for (const event of sent.history) {
        if (event.EventType !== 5 || !calls.some(({ EventId }) => EventId === event.TaskScheduledId)) continue;
        const key = `${sent.instanceId} ${event.Timestamp}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const answer = JSON.parse(event.Result ?? "{}") as DurableHttpResponse;
        this.#answers.set(sent.instanceId, [...(this.#answers.get(sent.instanceId) ?? []), answer]);
      }
    }
  }

  readonly call: HttpCaller = (_request, instanceId) => {
    const answer = this.#answers.get(instanceId)?.shift();
    return answer ? Promise.resolve(answer) : Promise.reject(new Error("the recording has no such call"));
  };
}
