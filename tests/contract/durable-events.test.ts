import { afterEach, describe, expect, it } from "vitest";
import { TestHub } from "../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(() => test?.close());

const WAITS = `df.app.orchestration("O", function* (context) { return yield context.df.waitForExternalEvent("Go"); });`;

describe("external events", () => {
  it("the newest of several waits of one name gets the first event", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      const waits = [1, 2, 3].map(() => context.df.waitForExternalEvent("Go"));
      return yield context.df.Task.all(waits);
    });`);
    await hub.does("orchestrators/O/o");
    for (const text of ["1", "2", "3"]) await hub.does("instances/o/raiseEvent/Go", text);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: [3, 2, 1] });
  });

  it("a wait of an earlier round does not take the event from the newest: the instance goes on", async () => {
    const hub = hubWith(`df.app.activity("A", { handler: () => "went on" });
    df.app.orchestration("O", function* (context) {
      const due = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() - 1000));
      yield context.df.Task.any([context.df.waitForExternalEvent("Go"), due]);
      yield context.df.waitForExternalEvent("Go");
      return yield context.df.callActivity("A", {});
    });`);
    await hub.does("orchestrators/O/o");
    await hub.advance(1000);
    await hub.does("instances/o/raiseEvent/Go", "1");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "went on" });
  });

  it("those that come before a wait are kept in order", async () => {
    const hub = hubWith(`df.app.activity("Slow", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      yield context.df.callActivity("Slow", {});
      return [yield context.df.waitForExternalEvent("Go"), yield context.df.waitForExternalEvent("Go")];
    });`);
    hub.hub.control["holdActivity"]?.({ name: "Slow" });
    await hub.does("orchestrators/O/o");
    for (const text of ["1", "2"]) await hub.does("instances/o/raiseEvent/Go", text);
    hub.hub.control["releaseActivity"]?.({ name: "Slow" });
    await hub.hub.idle();
    expect(await hub.status("o")).toMatchObject({ output: [1, 2] });
  });

  it("one whose name is a number swaps its value with the result of the task of that id", async () => {
    const hub = hubWith(`df.app.activity("Slow", { handler: () => "acted" });
    df.app.orchestration("O", function* (context) {
      return yield context.df.Task.all([context.df.callActivity("Slow", {}), context.df.waitForExternalEvent("0")]);
    });`);
    hub.hub.control["holdActivity"]?.({ name: "Slow" });
    await hub.does("orchestrators/O/o");
    await hub.does("instances/o/raiseEvent/0", '"raised"');
    hub.hub.control["releaseActivity"]?.({ name: "Slow" });
    await hub.hub.idle();
    expect(await hub.status("o")).toMatchObject({ output: ["raised", "acted"] });
  });

  it("one whose name differs by case is lost for JavaScript, though the host has matched it: the instance hangs", async () => {
    const hub = hubWith(WAITS);
    await hub.does("orchestrators/O/o");
    await hub.does("instances/o/raiseEvent/go", "1");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running" });
  });
});

describe("raiseEvent answers", () => {
  it.each<[number, string, string, string | undefined, string]>([
    [202, "to a running instance", "o", "application/json", "1"],
    [202, "to null as data", "o", "application/json", "null"],
    [202, "to a media type with parameters", "o", "application/json; charset=utf-8", "1"],
    [400, "to an empty body", "o", "application/json", ""],
    [400, "to what is no JSON", "o", "application/json", "{"],
    [400, "to another media type", "o", "text/plain", "1"],
    [400, "to a media type that only looks alike", "o", "application/json+x", "1"],
    [400, "to no media type", "o", undefined, "1"],
    [404, "to an id that differs by case", "O", "application/json", "1"],
    [404, "to an unknown instance, whatever the body", "nope", "text/plain", ""],
    [410, "to an ended instance, whatever the body", "ended", "text/plain", ""],
  ])("%i %s", async (status, _, id, type, body) => {
    const hub = hubWith(`${WAITS} df.app.orchestration("Ends", function* () {});`);
    await hub.does("orchestrators/O/o");
    await hub.does("orchestrators/Ends/ended");
    const answer = await hub.answer("POST", `instances/${id}/raiseEvent/Go`, body, { "content-type": type });
    expect(answer.status).toBe(status);
  });

  it("202 to a Pending instance, which finds the event when it starts", async () => {
    const hub = hubWith(WAITS);
    const started = hub.post("orchestrators/O/o");
    const raised = hub.post("instances/o/raiseEvent/Go", '"early"');
    expect(await Promise.all([started, raised])).toEqual([202, 202]);
    await hub.hub.idle();
    expect(hub.sent).toHaveLength(1);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "early" });
  });
});
