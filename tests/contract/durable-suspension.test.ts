import { afterEach, describe, expect, it } from "vitest";
import { TestHub } from "../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(() => test?.close());

const SOURCE = `
df.app.activity("A", { handler: () => "acted" });
df.app.orchestration("O", function* (context) {
  context.df.setCustomStatus("waits");
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 10000));
  yield timer;
  context.df.setCustomStatus("timer fired");
  const go = yield context.df.waitForExternalEvent("Go");
  context.df.setCustomStatus("heard " + go);
  return yield context.df.callActivity("A", {});
});`;

describe("a suspended instance", () => {
  it("takes events and timers into its history and its status, and decides only after it is resumed", async () => {
    const hub = hubWith(SOURCE);
    await hub.does("orchestrators/O/o");
    await hub.does("instances/o/suspend?reason=hold");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Suspended", output: "hold", customStatus: "waits" });
    await hub.advance(10_000);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Suspended", customStatus: "timer fired" });
    await hub.does("instances/o/raiseEvent/Go", '"yes"');
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Suspended", customStatus: "heard yes" });
    expect(hub.lastTypes().slice(-8)).toEqual(["12", "19p", "13", "12", "11p", "13", "12", "15"]);
    expect(hub.activities).toEqual([]);

    await hub.does("instances/o/resume?reason=go");
    expect(hub.activities).toEqual(["A"]);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "acted" });
  });

  it("refuses a second suspension, and a resumption when it is not suspended, with 500", async () => {
    const hub = hubWith(SOURCE);
    await hub.does("orchestrators/O/o");
    expect(await hub.post("instances/o/resume?reason=x")).toBe(500);
    await hub.does("instances/o/suspend?reason=x");
    expect(await hub.post("instances/o/suspend?reason=x")).toBe(500);
    await hub.does("instances/o/resume?reason=goes%20on");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running", output: "goes on" });
  });

  it("can be terminated", async () => {
    const hub = hubWith(SOURCE);
    await hub.does("orchestrators/O/o");
    await hub.does("instances/o/suspend?reason=hold");
    await hub.does("instances/o/terminate?reason=over");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Terminated", output: "over" });
  });

  it("carries events that came after the one that ends the generation over to the next", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      const heard = context.df.getInput();
      heard.push(yield context.df.waitForExternalEvent("Go"));
      if (heard.length === 3) return heard;
      context.df.continueAsNew(heard);
    });`);
    await hub.does("orchestrators/O/o", "[]");
    await hub.does("instances/o/suspend?reason=hold");
    for (const text of ["1", "2", "3"]) await hub.does("instances/o/raiseEvent/Go", text);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Suspended" });
    await hub.does("instances/o/resume?reason=go");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: [1, 2, 3] });
  });
});

describe("messages in one batch", () => {
  const RACE = `df.app.orchestration("O", function* (context) {
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 10000));
    const event = context.df.waitForExternalEvent("Go");
    const first = yield context.df.Task.any([event, timer]);
    const result = [first === timer ? "timer" : "event", timer.isCompleted, event.isCompleted];
    if (!timer.isCompleted) timer.cancel();
    return result;
  });`;

  it("the timer wins that comes first, and the event is not there yet", async () => {
    const hub = hubWith(RACE);
    await hub.does("orchestrators/O/o");
    hub.jump(10_000);
    await hub.does("instances/o/raiseEvent/Go", "1");
    expect(hub.lastTypes().slice(-3)).toEqual(["12", "11", "15"]);
    expect(await hub.status("o")).toMatchObject({ output: ["timer", true, false] });
  });

  it("the event wins that comes first, and the timer is not fired yet", async () => {
    const hub = hubWith(RACE);
    await hub.does("orchestrators/O/o");
    const raised = hub.post("instances/o/raiseEvent/Go", "1");
    hub.jump(10_000);
    await raised;
    await hub.hub.idle();
    expect(hub.lastTypes().slice(-3)).toEqual(["12", "15", "11"]);
    expect(await hub.status("o")).toMatchObject({ output: ["event", false, true] });
  });

  it("an event carried over continueAsNew is already played in the next generation", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      if (context.df.getInput() === 0) {
        yield context.df.waitForExternalEvent("Go");
        context.df.continueAsNew(1);
        return;
      }
      const bell = yield context.df.waitForExternalEvent("Bell");
      yield context.df.waitForExternalEvent("End");
      return bell;
    });`);
    await hub.does("orchestrators/O/o", "0");
    await Promise.all([hub.post("instances/o/raiseEvent/Go", "1"), hub.post("instances/o/raiseEvent/Bell", "2")]);
    await hub.hub.idle();
    expect(hub.lastTypes()).toEqual(["12", "0", "15p", "13"]);
    await hub.does("instances/o/raiseEvent/End", "1");
    expect(hub.lastTypes()).toEqual(["12", "0p", "15p", "13p", "12", "15"]);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: 2 });
  });
});
