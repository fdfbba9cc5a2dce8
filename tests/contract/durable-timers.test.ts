import { afterEach, describe, expect, it } from "vitest";
import { TestHub } from "../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(() => test?.close());

const DAY_MS = 86_400_000;
const WAITS = `
df.app.activity("After", { handler: () => 1 });
df.app.orchestration("O", function* (context) {
  const { ms } = context.df.getInput();
  const due = context.df.currentUtcDateTime.getTime() + ms;
  yield context.df.createTimer(new Date(due));
  const early = due - context.df.currentUtcDateTime.getTime();
  yield context.df.callActivity("After", {});
  return early;
});`;

/** The lengths of the timers that were made, in days. */
const segmentsOf = (hub: TestHub): number[] => {
  let from = 0;
  return (hub.sent.at(-1) ?? []).flatMap((event) => {
    if (event.EventType === 12) from = Date.parse(event.Timestamp);
    return event.EventType === 10 ? [Math.round((Date.parse(event.FireAt) - from) / DAY_MS)] : [];
  });
};

describe("timers", () => {
  it.each([
    ["of exactly 6 days is one", 6 * DAY_MS, [6], 1],
    ["of a moment more goes in segments of 3 days and the rest", 6 * DAY_MS + 1000, [3, 3, 0], 3],
    ["of 8 days is 3, 3 and 2", 8 * DAY_MS, [3, 3, 2], 3],
    ["of 20 days is six times 3 and 2", 20 * DAY_MS, [3, 3, 3, 3, 3, 3, 2], 7],
  ])("one %s; the next task has the next id", async (_, ms, segments, nextId) => {
    const hub = hubWith(WAITS);
    await hub.does("orchestrators/O/o", JSON.stringify({ ms }));
    await hub.advance(ms + DAY_MS);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed" });
    expect(segmentsOf(hub)).toEqual(segments);
    expect(hub.lastDecisions().at(-1)).toBe(`${nextId} After`);
  });

  it.each([
    ["in the past fires at once", -5000, 0],
    ["of less than a second fires at once", 900, 100],
    ["of whole seconds fires up to a second early", 5000, 4000],
    ["of a broken second fires at the whole one", 5500, 5000],
  ])("one %s", async (_, ms, firesAfter) => {
    const hub = hubWith(WAITS);
    await hub.does("orchestrators/O/o", JSON.stringify({ ms }));
    await hub.advance(firesAfter);
    const { runtimeStatus, output } = await hub.status("o");
    expect(runtimeStatus).toBe("Completed");
    expect(output).toBeLessThanOrEqual(1000);
  });

  it("TimerFired carries the time of the timer's creation", async () => {
    const hub = hubWith(WAITS);
    await hub.does("orchestrators/O/o", JSON.stringify({ ms: 60_000 }));
    await hub.advance(60_000);
    const history = hub.sent.at(-1) ?? [];
    const [created] = history.filter(({ EventType }) => EventType === 10);
    const [fired] = history.filter(({ EventType }) => EventType === 11);
    expect(fired?.Timestamp).toBe(created?.Timestamp);
  });

  const RACE = `df.app.orchestration("O", function* (context) {
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 8 * ${DAY_MS}));
    const event = context.df.waitForExternalEvent("Go");
    const first = yield context.df.Task.any([event, timer]);
    if (first === event) timer.cancel();
    return "cancelled";
  });`;

  it("a long one that is cancelled in its first segment is gone", async () => {
    const hub = hubWith(RACE);
    await hub.does("orchestrators/O/o");
    await hub.advance(2 * DAY_MS);
    await hub.does("instances/o/raiseEvent/Go", "1");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "cancelled" });
  });

  it("a long one that is cancelled after its first segment fails the instance as not deterministic", async () => {
    const hub = hubWith(RACE);
    await hub.does("orchestrators/O/o");
    await hub.advance(4 * DAY_MS);
    await hub.does("instances/o/raiseEvent/Go", "1");
    expect(await hub.status("o")).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("Non-Deterministic workflow detected") as string,
    });
  });

  it("one made and cancelled in the same episode is recorded, and its firing is dropped", async () => {
    const hub = hubWith(`df.app.activity("After", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5000));
      const other = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() - 5000));
      yield context.df.Task.any([timer, other]);
      timer.cancel();
      yield context.df.callActivity("After", {});
      return yield context.df.waitForExternalEvent("Go");
    });`);
    await hub.does("orchestrators/O/o");
    await hub.advance(10_000);
    await hub.does("instances/o/raiseEvent/Go", '"end"');
    expect(hub.lastDecisions()).toEqual(["0 timer", "1 timer", "2 After"]);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "end" });
  });
});

describe("retries", () => {
  const RETRIES = `
  df.app.activity("Fails", { handler: () => { throw new Error("no"); } });
  df.app.orchestration("O", function* (context) {
    const { attempts, ...more } = context.df.getInput();
    const options = Object.assign(new df.RetryOptions(2000, attempts), more);
    try { yield context.df.callActivityWithRetry("Fails", options, {}); } catch { return "gave up"; }
  });`;
  const timersOf = (hub: TestHub): number[] =>
    (hub.sent.at(-1) ?? []).flatMap((event, index, history) => {
      if (event.EventType !== 10) return [];
      const started = history.slice(0, index).findLast(({ EventType }) => EventType === 12);
      return [(Date.parse(event.FireAt) - Date.parse(started?.Timestamp ?? "")) / 1000];
    });

  it("wait first * coefficient^(n-1), at most the maximum, and nothing after the last", async () => {
    const hub = hubWith(RETRIES);
    const options = { attempts: 5, backoffCoefficient: 3, maxRetryIntervalInMilliseconds: 20_000 };
    await hub.does("orchestrators/O/o", JSON.stringify(options));
    await hub.advance(120_000);
    expect(timersOf(hub)).toEqual([2, 6, 18, 20, 0]);
    expect(await hub.status("o")).toMatchObject({ output: "gave up" });
  });

  it("past retryTimeout there is no timer, and JavaScript waits for ever", async () => {
    const hub = hubWith(RETRIES);
    await hub.does("orchestrators/O/o", JSON.stringify({ attempts: 10, retryTimeoutInMilliseconds: 5000 }));
    await hub.advance(3_600_000);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running", output: null });
    expect(hub.activities.length).toBeLessThan(10);
    expect(timersOf(hub)).toHaveLength(hub.activities.length - 1);
  });
});
