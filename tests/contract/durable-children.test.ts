import { afterEach, describe, expect, it } from "vitest";
import { TestHub } from "../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(() => test?.close());

const CHILD = `
df.app.orchestration("Child", function* (context) { return context.df.getInput(); });
df.app.orchestration("Waits", function* (context) { return yield context.df.waitForExternalEvent("Go"); });
`;
const calling = (call: string): string => `${CHILD}
df.app.orchestration("Parent", function* (context) {
  try { return yield context.df.callSubOrchestrator(${call}); } catch (error) { return "caught"; }
});`;

describe("sub-orchestrations", () => {
  it("many: the default id is the parent's execution and the decision in decimal", async () => {
    const hub = hubWith(`${CHILD}
    df.app.orchestration("Parent", function* (context) {
      const children = Array.from({ length: 20 }, (_, n) => context.df.callSubOrchestrator("Child", n));
      return yield context.df.Task.all(children);
    });`);
    await hub.does("orchestrators/Parent/p");
    expect(await hub.status("p")).toMatchObject({ output: Array.from({ length: 20 }, (_, n) => n) });
    const parent = hub.sent.flat().find((event) => event.EventType === 0);
    const execution = parent?.EventType === 0 ? parent.OrchestrationInstance.ExecutionId : "";
    const ids = (await hub.list()).map(({ instanceId }) => instanceId).filter((id) => id !== "p");
    expect(ids.sort()).toEqual(Array.from({ length: 20 }, (_, n) => `${execution}:${n}`).sort());
  });

  it("the link to the parent survives continueAsNew of the child", async () => {
    const hub = hubWith(`
    df.app.orchestration("Counts", function* (context) {
      const { n } = context.df.getInput();
      if (n === 3) return n;
      context.df.continueAsNew({ n: n + 1 });
    });
    df.app.orchestration("Parent", function* (context) { return yield context.df.callSubOrchestrator("Counts", { n: 0 }); });`);
    await hub.does("orchestrators/Parent/p");
    expect(await hub.status("p")).toMatchObject({ runtimeStatus: "Completed", output: 3 });
  });

  it("an id that has ended is used again", async () => {
    const hub = hubWith(calling('"Child", { run: 2 }, "again"'));
    await hub.does("orchestrators/Child/again", '{"run":1}');
    await hub.does("orchestrators/Parent/p");
    expect(await hub.status("p")).toMatchObject({ output: { run: 2 } });
    expect(await hub.status("again")).toMatchObject({ input: { run: 2 } });
  });

  it("an id that is running is replaced without a word", async () => {
    const hub = hubWith(calling('"Waits", { run: 2 }, "busy"'));
    await hub.does("orchestrators/Waits/busy", '{"run":1}');
    await hub.does("orchestrators/Parent/p");
    expect(await hub.status("busy")).toMatchObject({ runtimeStatus: "Running", input: { run: 2 } });
    await hub.does("instances/busy/raiseEvent/Go", "5");
    expect(await hub.status("p")).toMatchObject({ runtimeStatus: "Completed", output: 5 });
  });

  it.each([
    ["an unknown function", '"Nobody", {}'],
    ["its own id", '"Child", {}, context.df.instanceId'],
    ["its own id in another case", '"Child", {}, context.df.instanceId.toUpperCase()'],
    ["an id that begins with @", '"Child", {}, "@x@y"'],
  ])("%s: nothing is scheduled and the instance hangs", async (_, call) => {
    const hub = hubWith(calling(call));
    await hub.does("orchestrators/Parent/p");
    expect(await hub.status("p")).toMatchObject({ runtimeStatus: "Running" });
    expect(await hub.list()).toHaveLength(1);
  });

  it("one that fails can be caught, one that is terminated fails its parent", async () => {
    const hub = hubWith(`${CHILD}
    df.app.orchestration("Fails", function* () { throw new Error("no"); });
    df.app.orchestration("Parent", function* (context) {
      try { yield context.df.callSubOrchestrator("Fails", {}); } catch { context.df.setCustomStatus("caught"); }
      try { yield context.df.callSubOrchestrator("Waits", {}, "child"); } catch { return "caught too"; }
    });`);
    await hub.does("orchestrators/Parent/p");
    expect(await hub.status("p")).toMatchObject({ runtimeStatus: "Running", customStatus: "caught" });
    await hub.does("instances/child/terminate?reason=stop");
    expect(await hub.status("p")).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("Non-Deterministic workflow detected") as string,
    });
  });

  it("keep running when their parent is terminated", async () => {
    const hub = hubWith(calling('"Waits", {}, "child"'));
    await hub.does("orchestrators/Parent/p");
    await hub.does("instances/p/terminate?reason=stop");
    expect(await hub.status("child")).toMatchObject({ runtimeStatus: "Running" });
    await hub.does("instances/child/raiseEvent/Go", "1");
    expect(await hub.status("child")).toMatchObject({ runtimeStatus: "Completed" });
    expect(await hub.status("p")).toMatchObject({ runtimeStatus: "Terminated", output: "stop" });
  });
});

describe("failures", () => {
  it("what is thrown and is no Error leaves the instance Running for ever", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* () { throw "text"; });`);
    await hub.does("orchestrators/O/o");
    await hub.advance(3_600_000);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running", output: null });
  });

  it("a word like a credential in front of a quote costs the instance its error text", async () => {
    const hub = hubWith(`df.app.activity("A", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      yield context.df.callActivity("A", {});
      throw new Error('cannot read Password="x"');
    });`);
    await hub.does("orchestrators/O/o");
    expect(await hub.status("o")).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("Non-Deterministic workflow detected") as string,
    });
  });

  it("an unknown orchestrator is accepted, and fails with the names of all others", async () => {
    const hub = hubWith(CHILD);
    expect(await hub.post("orchestrators/Nobody/o")).toBe(202);
    await hub.hub.idle();
    expect(await hub.status("o")).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("'Nobody' doesn't exist") as string,
    });
  });
});
