import { describe, expect, it } from "vitest";
import { liveView, realView } from "../support/durable-views.ts";
import { runLive } from "../support/durable-live-run.ts";
import { loadTraces } from "../support/durable-traces.ts";

describe("a live run of the recorded requests", () => {
  for (const trace of loadTraces().filter(({ http }) => http.length > 0)) {
    it(`ends as on the real engine: ${trace.scenario}`, async () => {
      const run = await runLive(trace);
      expect(liveView(trace, run)).toEqual(realView(trace));
    });
  }
});
