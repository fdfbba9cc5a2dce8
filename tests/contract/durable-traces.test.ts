import { describe, expect, it } from "vitest";
import { leftToChance } from "../support/durable-chance.ts";
import { runLive } from "../support/durable-live-run.ts";
import { loadTraces, type Trace } from "../support/durable-traces.ts";
import { liveView, realView, without } from "../support/durable-views.ts";

/** What a run of ours cannot repeat, and why; the replay of every recorded episode is in durable-replay.test.ts. */
const DIFFERENT: Readonly<Record<string, { readonly why: string; readonly instances: RegExp }>> = {
  "doorbell-alternatives": { why: "how often a timer spins depends on the machine", instances: /-earlytimer/ },
  "doorbell-samebatch": { why: "an event falls into the next episode", instances: /-timerfirst/ },
};

describe("the recorded requests, live on a clock of our own,", () => {
  for (const trace of loadTraces().filter(({ http }) => http.length > 0)) {
    const different = DIFFERENT[trace.scenario];
    const chance = leftToChance(trace);
    const isLeftOut = (id: string): boolean => chance.has(id) || different?.instances.test(id) === true;
    const reasons = [...chance].map(([id, why]) => `${id}: ${why}`);
    if (different) reasons.push(`${different.instances.source}: ${different.why}`);
    const but = reasons.length > 0 ? ` (but ${reasons.join("; ")})` : "";
    it(`end as on the real engine: ${trace.scenario}${but}`, () => compare(trace, isLeftOut));
  }
});

async function compare(trace: Trace, isLeftOut: (id: string) => boolean): Promise<void> {
  const run = await runLive(trace);
  expect(without(liveView(trace, run), trace, isLeftOut)).toEqual(without(realView(trace), trace, isLeftOut));
}
