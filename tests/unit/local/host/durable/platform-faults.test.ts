import { afterEach, describe, expect, it, vi } from "vitest";
import { PlatformFault } from "../../../../../local/host/durable/runner.ts";
import { TestHub, VISIBILITY_MS } from "../../../../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(async () => {
  vi.restoreAllMocks();
  await test?.close();
});

const WAITS = `df.app.orchestration("O", function* (context) { return yield context.df.waitForExternalEvent("Go"); });`;
const ACTS = `df.app.activity("A", { handler: () => 1 });
df.app.orchestration("O", function* (context) { return yield context.df.callActivity("A", {}); });`;

describe("injected faults", () => {
  it("an event is answered with 202, lost, and heard when it is raised again", async () => {
    const hub = hubWith(WAITS);
    await hub.does("orchestrators/O/a");
    hub.hub.control["loseNext"]?.({ kind: "event", name: "Go" });
    expect(await hub.post("instances/a/raiseEvent/Go", "1")).toBe(202);
    await hub.hub.idle();
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Running" });
    await hub.does("instances/a/raiseEvent/Go", "2");
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Completed", output: 2 });
  });

  it.each(["suspend", "resume", "terminate"] as const)("a lost %s changes nothing", async (kind) => {
    const hub = hubWith(WAITS);
    await hub.does("orchestrators/O/a");
    if (kind === "resume") await hub.does("instances/a/suspend?reason=x");
    const before = await hub.status("a");
    hub.hub.control["loseNext"]?.({ kind });
    expect(await hub.post(`instances/a/${kind}?reason=y`)).toBe(202);
    await hub.hub.idle();
    expect(await hub.status("a")).toEqual(before);
  });

  it("an activity that runs twice does so after the visibility timeout, and its second result counts for nothing", async () => {
    const hub = hubWith(ACTS);
    hub.hub.control["runActivityTwice"]?.({ name: "A" });
    await hub.does("orchestrators/O/a");
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Completed" });
    await hub.advance(VISIBILITY_MS - 1);
    expect(hub.activities).toEqual(["A"]);
    await hub.advance(1);
    expect(hub.activities).toEqual(["A", "A"]);
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Completed", output: 1 });
  });

  it("the second result of an activity does not get into the history of an instance that waits", async () => {
    const hub = hubWith(`df.app.activity("A", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      yield context.df.callActivity("A", {});
      return yield context.df.waitForExternalEvent("Go");
    });`);
    hub.hub.control["runActivityTwice"]?.({ name: "A" });
    await hub.does("orchestrators/O/a");
    await hub.advance(VISIBILITY_MS);
    await hub.does("instances/a/raiseEvent/Go", "2");
    expect(hub.activities).toEqual(["A", "A"]);
    expect((hub.sent.at(-1) ?? []).filter(({ EventType }) => EventType === 5)).toHaveLength(1);
  });

  it.each([
    ["loseActivityBefore", ["A"]],
    ["loseActivityAfter", ["A", "A"]],
  ] as const)("%s brings the activity back after the visibility timeout", async (operation, runs) => {
    const hub = hubWith(ACTS);
    hub.hub.control[operation]?.({ name: "A" });
    await hub.does("orchestrators/O/a");
    await hub.advance(VISIBILITY_MS - 1);
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Running" });
    await hub.advance(1);
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Completed", output: 1 });
    expect(hub.activities).toEqual(runs);
  });
});

describe("a fault of the platform", () => {
  it("abandons an episode whose answer cannot be read, and tries it again later", async () => {
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const hub = hubWith(WAITS);
    vi.spyOn(hub.app, "run").mockResolvedValueOnce({ json: "{ not json" });
    await hub.does("orchestrators/O/a");
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Pending" });
    await hub.advance(2000);
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Running" });
  });

  it("does not make an activity fail", async () => {
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const hub = hubWith(ACTS);
    const run = hub.app.run.bind(hub.app);
    let faults = 2;
    vi.spyOn(hub.app, "run").mockImplementation(async (name, kind, payload, instanceId) => {
      if (kind === "activity" && faults-- > 0) throw new PlatformFault("the worker is gone");
      return run(name, kind, payload, instanceId);
    });
    await hub.does("orchestrators/O/a");
    await hub.advance(10_000);
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Completed", output: 1 });
    expect(hub.activities).toHaveLength(3);
  });

  it("parks a poison episode with a visible error; unparked, it goes on", async () => {
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const hub = hubWith(WAITS);
    const poison = vi.spyOn(hub.app, "run").mockRejectedValue(new PlatformFault("worker out of memory"));
    await hub.does("orchestrators/O/a");
    await hub.advance(3_600_000);
    expect(poison).toHaveBeenCalledTimes(10);
    expect((await hub.status("a")).output).toContain("Parked after 10 platform faults");
    expect((await hub.status("a")).output).toContain("worker out of memory");
    poison.mockRestore();
    hub.hub.control["unpark"]?.({ instanceId: "a" });
    await hub.hub.idle();
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Running", output: null });
  });
});
