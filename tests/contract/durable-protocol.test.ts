import { afterEach, describe, expect, it } from "vitest";
import { TestHub } from "../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(() => test?.close());

const ACTIVITY = `df.app.activity("A", { handler: (x) => x });`;

describe("decisions", () => {
  it("take ids at the first yield, children of compound tasks depth-first", async () => {
    const hub = hubWith(`${ACTIVITY}
    df.app.orchestration("O", function* (context) {
      const { Task } = context.df;
      const act = (n) => context.df.callActivity("A", { n });
      const created = act(0);
      const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60000));
      yield Task.any([Task.all([act(1), act(2)]), timer, context.df.waitForExternalEvent("Go")]);
      timer.cancel();
      yield created;
      return yield context.df.callSubOrchestrator("Child", {}, "child");
    });
    df.app.orchestration("Child", function* () { return "child's"; });`);
    await hub.does("orchestrators/O/o");
    expect(hub.lastDecisions()).toEqual(["0 A", "1 A", "2 timer", "3 A", "4 child"]);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "child's" });
  });

  it("a hundred at once come back in their order", async () => {
    const hub = hubWith(`${ACTIVITY}
    df.app.orchestration("O", function* (context) {
      return yield context.df.Task.all(Array.from({ length: 100 }, (_, n) => context.df.callActivity("A", { n })));
    });`);
    await hub.does("orchestrators/O/o");
    const { output } = await hub.status("o");
    expect(output).toEqual(Array.from({ length: 100 }, (_, n) => ({ n })));
  });

  it("a task that is never yielded is never run, one whose winner came first stays open", async () => {
    const hub = hubWith(`${ACTIVITY}
    df.app.activity("Slow", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      context.df.callActivity("A", { never: true });
      yield context.df.Task.any([context.df.callActivity("A", {}), context.df.callActivity("Slow", {})]);
      return "won";
    });`);
    hub.hub.control["holdActivity"]?.({ name: "Slow" });
    await hub.does("orchestrators/O/o");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running", output: null });
    hub.hub.control["releaseActivity"]?.({ name: "Slow" });
    await hub.hub.idle();
    expect(hub.activities).toEqual(["A", "Slow"]);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "won" });
  });

  it("an unknown activity is not scheduled, and the instance hangs", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      try { return yield context.df.callActivity("Nobody", {}); } catch { return "caught"; }
    });`);
    await hub.does("orchestrators/O/o");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running", output: null });
    const { body } = await hub.answer("GET", "instances/o?showHistory=true");
    expect(body).not.toContain("TaskScheduled");
  });

  it("signals and calls reach an entity in the order in which they were sent", async () => {
    const hub = hubWith(`df.app.entity("List", (context) => {
      const list = context.df.getState(() => []);
      context.df.setState([...list, context.df.operationName]);
      context.df.return(list.length);
    });
    df.app.orchestration("O", function* (context) {
      const id = new df.EntityId("List", "l");
      for (const name of ["a", "b", "c"]) context.df.signalEntity(id, name);
      return yield context.df.callEntity(id, "d");
    });`);
    await hub.does("orchestrators/O/o");
    expect(await hub.status("o")).toMatchObject({ output: 3 });
    expect(await hub.entity("List/l")).toEqual(["a", "b", "c", "d"]);
  });
});
