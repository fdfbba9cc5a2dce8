import { describe, expect, it } from "vitest";
import { runLive } from "../support/durable-live-run.ts";
import { loadTraces, type Trace } from "../support/durable-traces.ts";
import { liveView, realView, without } from "../support/durable-views.ts";

/** What a run of ours cannot repeat, and why; the replay of every recorded episode is in durable-replay.test.ts. */
const DIFFERENT: Readonly<Record<string, { readonly why: string; readonly instances?: RegExp }>> = {
  "doorbell-alternatives": { why: "how often a timer spins depends on the machine", instances: /-earlytimer/ },
  "doorbell-compact-zombie": { why: "the real engine lost an event by chance", instances: /-zombie-/ },
  "doorbell-crash": { why: "the processes were killed", instances: /-bellqueued/ },
  "doorbell-samebatch": { why: "an event falls into the next episode", instances: /-timerfirst/ },
  "start-conflict": { why: "of parallel starts one wins and the others get 409", instances: /-parallel$/ },
};

describe("the recorded requests, live on a clock of our own,", () => {
  for (const trace of loadTraces().filter(({ http }) => http.length > 0)) {
    const { why, instances } = DIFFERENT[trace.scenario] ?? {};
    if (why !== undefined && !instances) {
      it.skip(`end as on the real engine: ${trace.scenario} (left out: ${why})`, () => undefined);
    } else {
      const but = instances ? ` (but ${instances.source}: ${why ?? ""})` : "";
      it(`end as on the real engine: ${trace.scenario}${but}`, () => compare(trace, instances));
    }
  }
});

async function compare(trace: Trace, leftOut: RegExp | undefined): Promise<void> {
  const run = await runLive(trace);
  expect(without(liveView(trace, run), trace, leftOut)).toEqual(without(realView(trace), trace, leftOut));
}
