import { afterEach, describe, expect, it } from "vitest";
import { TestHub } from "../../../../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(() => test?.close());

const typesOf = (history: TestHub["sent"][number] | undefined): string[] =>
  (history ?? []).map(({ EventType, IsPlayed }) => `${EventType}${IsPlayed ? "p" : ""}`);

describe("what a naive engine gets wrong", () => {
  it("an instance that has returned stays Running while a timer of its own is open", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60000));
      yield context.df.Task.any([context.df.waitForExternalEvent("Go"), timer]);
      return "returned";
    });`);
    await hub.does("orchestrators/O/a");
    await hub.does("instances/a/raiseEvent/Go", "1");
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Running", output: null });
    await hub.advance(60_000);
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Completed", output: "returned" });
  });

  it("an instance that has thrown stays Running while an activity of its own runs", async () => {
    const hub = hubWith(`df.app.activity("Slow", { handler: () => "done" });
    df.app.orchestration("O", function* (context) {
      yield context.df.Task.any([context.df.waitForExternalEvent("Go"), context.df.callActivity("Slow", {})]);
      throw new Error("thrown");
    });`);
    hub.hub.control["holdActivity"]?.({ name: "Slow" });
    await hub.does("orchestrators/O/a");
    await hub.does("instances/a/raiseEvent/Go", "1");
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Running" });
    hub.hub.control["releaseActivity"]?.({ name: "Slow" });
    await hub.hub.idle();
    expect(await hub.status("a")).toMatchObject({
      runtimeStatus: "Failed",
      output: "Orchestrator function 'O' failed: thrown",
    });
  });

  it("Task.all waits for every child before the next activity, though JavaScript goes on at the first failure", async () => {
    const hub = hubWith(`df.app.activity("Fails", { handler: () => { throw new Error("no"); } });
    df.app.activity("Slow", { handler: () => 1 });
    df.app.activity("Next", { handler: () => 2 });
    df.app.orchestration("O", function* (context) {
      try {
        yield context.df.Task.all([context.df.callActivity("Fails", {}), context.df.callActivity("Slow", {})]);
      } catch { return yield context.df.callActivity("Next", {}); }
    });`);
    hub.hub.control["holdActivity"]?.({ name: "Slow" });
    await hub.does("orchestrators/O/a");
    expect(hub.activities).not.toContain("Next");
    hub.hub.control["releaseActivity"]?.({ name: "Slow" });
    await hub.hub.idle();
    expect(hub.activities).toContain("Next");
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Completed", output: 2 });
  });

  it("the last failed try of a retry still makes a timer", async () => {
    const hub = hubWith(`df.app.activity("Fails", { handler: () => { throw new Error("no"); } });
    df.app.orchestration("O", function* (context) {
      try { yield context.df.callActivityWithRetry("Fails", new df.RetryOptions(5000, 2), {}); } catch { return "gave up"; }
    });`);
    await hub.does("orchestrators/O/a");
    await hub.advance(10_000);
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Completed", output: "gave up" });
    expect(hub.activities).toEqual(["Fails", "Fails"]);
    expect((hub.sent.at(-1) ?? []).filter(({ EventType }) => EventType === 10)).toHaveLength(2);
  });

  it("messages of past episodes are marked as played, decisions and brackets are not", async () => {
    const hub = hubWith(`df.app.activity("A", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      yield context.df.callActivity("A", {});
      return yield context.df.callActivity("A", {});
    });`);
    await hub.does("orchestrators/O/a");
    expect(hub.sent.map(typesOf)).toEqual([
      ["12", "0"],
      ["12", "0p", "4", "13", "12", "5"],
      ["12", "0p", "4", "13", "12", "5p", "4", "13", "12", "5"],
    ]);
  });

  it("continueAsNew drops what came before it unconsumed and carries over what came after it in one batch", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      const { generation } = context.df.getInput();
      if (generation === 0) {
        yield context.df.waitForExternalEvent("Go");
        context.df.continueAsNew({ generation: 1 });
        return;
      }
      return yield context.df.waitForExternalEvent("Bell");
    });`);
    await hub.does("orchestrators/O/a", JSON.stringify({ generation: 0 }));
    await hub.does("instances/a/raiseEvent/Bell", JSON.stringify("before"));
    await Promise.all([
      hub.post("instances/a/raiseEvent/Go", "1"),
      hub.post("instances/a/raiseEvent/Bell", JSON.stringify("after")),
    ]);
    await hub.hub.idle();
    expect(await hub.status("a")).toMatchObject({ runtimeStatus: "Completed", output: "after" });
  });
});
