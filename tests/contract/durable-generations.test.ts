import { afterEach, describe, expect, it } from "vitest";
import { TestHub } from "../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(() => test?.close());

describe("the custom status", () => {
  it("is what the last episode set: one that sets none, or nothing that counts, clears it", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      for (let status = "a"; ; ) {
        context.df.setCustomStatus(status);
        status = yield context.df.waitForExternalEvent("Set");
      }
    });`);
    await hub.does("orchestrators/O/o");
    for (const [sent, seen] of [
      ['{"is":"object"}', { is: "object" }],
      ["0", null],
      ['"text"', "text"],
      ['""', null],
      ["true", true],
      ["null", null],
    ] as const) {
      await hub.does("instances/o/raiseEvent/Set", sent);
      expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running", customStatus: seen });
    }
  });

  it("survives continueAsNew for one episode", async () => {
    const hub = hubWith(`df.app.activity("A", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      if (context.df.getInput() === 1) {
        yield context.df.waitForExternalEvent("Go");
        return yield context.df.waitForExternalEvent("Go");
      }
      context.df.setCustomStatus("of the first");
      yield context.df.callActivity("A", {});
      context.df.continueAsNew(1);
    });`);
    await hub.does("orchestrators/O/o", "0");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running", customStatus: "of the first", input: 1 });
    await hub.does("instances/o/raiseEvent/Go", "1");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running", customStatus: null });
  });

  it("of more than 16 KB fails the instance", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      context.df.setCustomStatus("x".repeat(context.df.getInput()));
      yield context.df.waitForExternalEvent("Go");
    });`);
    await hub.does("orchestrators/O/fits", "8190");
    await hub.does("orchestrators/O/o", "8191");
    expect(await hub.status("fits")).toMatchObject({ runtimeStatus: "Running" });
    expect(await hub.status("o")).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("must not exceed 16 KB") as string,
    });
  });
});

describe("continueAsNew", () => {
  it("waits for an open timer", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      if (context.df.getInput() === 1) return "second";
      const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60000));
      yield context.df.Task.any([timer, context.df.waitForExternalEvent("Go")]);
      context.df.continueAsNew(1);
    });`);
    await hub.does("orchestrators/O/o", "0");
    await hub.does("instances/o/raiseEvent/Go", "1");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running", input: 0 });
    await hub.advance(60_000);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "second" });
  });

  it("hands a text over as JSON of JSON", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      if (context.df.getInput() !== "first") return context.df.getInput();
      context.df.continueAsNew("text");
    });`);
    await hub.does("orchestrators/O/o", '"first"');
    expect(await hub.status("o")).toMatchObject({ output: '"text"' });
  });

  it("drops the timers of the generation before", async () => {
    const hub = hubWith(`df.app.activity("A", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      if (context.df.getInput() === 1) return yield context.df.waitForExternalEvent("End");
      const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60000));
      yield context.df.Task.any([timer, context.df.waitForExternalEvent("Go")]);
      yield context.df.callActivity("A", {});
      timer.cancel();
      context.df.continueAsNew(1);
    });`);
    await hub.does("orchestrators/O/o", "0");
    await hub.does("instances/o/raiseEvent/Go", "1");
    const calls = hub.sent.length;
    await hub.advance(120_000);
    expect(hub.sent).toHaveLength(calls);
    await hub.does("instances/o/raiseEvent/End", "2");
    expect(hub.lastTypes()).toEqual(["12", "0p", "13p", "12", "15"]);
    expect(await hub.status("o")).toMatchObject({ output: 2 });
  });

  it("carries the bell over that ended the wait, where the timer is cancelled straight after it", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      if (context.df.getInput() === 1) return yield context.df.waitForExternalEvent("Go");
      const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60000));
      yield context.df.Task.any([timer, context.df.waitForExternalEvent("Go")]);
      timer.cancel();
      context.df.continueAsNew(1);
    });`);
    await hub.does("orchestrators/O/o", "0");
    await hub.does("instances/o/raiseEvent/Go", '"once"');
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "once" });
  });
});

describe("new code while an instance waits", () => {
  const loop = (bells: readonly string[]): string => `
  df.app.activity("Read", { handler: () => 1 });
  df.app.orchestration("O", function* (context) {
    yield context.df.callActivity("Read", {});
    const names = ${JSON.stringify(bells)};
    const waits = names.map((name) => context.df.waitForExternalEvent(name));
    const first = yield context.df.Task.any(waits);
    return names[waits.indexOf(first)];
  });`;

  it.each(["Old", "New"])("may wait for one more event: %s wakes it", async (bell) => {
    const hub = hubWith(loop(["Old"]));
    await hub.does("orchestrators/O/o");
    hub.app.load(`const df = require("durable-functions");${loop(["New", "Old"])}`);
    await hub.does(`instances/o/raiseEvent/${bell}`, "1");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: bell });
  });

  it("must not do something else than before: the instance fails, and its new decisions are still carried out", async () => {
    const hub = hubWith(loop(["Old"]));
    await hub.does("orchestrators/O/o");
    hub.app.load(`const df = require("durable-functions");
    df.app.activity("Other", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      yield context.df.callActivity("Other", {});
      yield context.df.waitForExternalEvent("Old");
      return yield context.df.callActivity("Read", {});
    });`);
    await hub.does("instances/o/raiseEvent/Old", "1");
    expect(await hub.status("o")).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("named 'Read', but the current orchestration replay instead scheduled") as string,
    });
  });
});
