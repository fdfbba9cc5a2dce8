import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { TestHub, VISIBILITY_MS } from "../../../../support/durable-hub.ts";

const SOURCE = `
df.app.activity("A", { handler: (x) => x.n });
df.app.orchestration("Child", function* (context) { return yield context.df.callActivity("A", { n: 10 }); });
df.app.orchestration("O", function* (context) {
  const input = context.df.getInput();
  const first = yield context.df.callActivity("A", { n: 1 });
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5000));
  yield timer;
  const both = yield context.df.Task.all([context.df.callActivity("A", { n: 2 }), context.df.callSubOrchestrator("Child", {})]);
  if (input.generation < 1) { context.df.continueAsNew({ generation: input.generation + 1 }); return; }
  return { first, both, generation: input.generation };
});`;
const RESULT = { runtimeStatus: "Completed", output: { first: 1, both: [2, 10], generation: 1 } };

const folder = mkdtempSync(join(tmpdir(), "crash-"));
let open: TestHub[] = [];
afterEach(async () => {
  for (const hub of open) await hub.close();
  open = [];
});
const opened = (hub: TestHub): TestHub => {
  open.push(hub);
  return hub;
};

/** What a killed process leaves is what its files hold at that moment. */
function copyFiles(from: string, to: string): void {
  for (const part of ["", "-wal"]) if (existsSync(from + part)) copyFileSync(from + part, to + part);
}

describe("a process killed with SIGKILL", () => {
  it("loses nothing and decides nothing twice, wherever it was", async () => {
    const copies: string[] = [];
    const hub = opened(new TestHub(SOURCE));
    const run = hub.app.run.bind(hub.app);
    const snapshot = (): void => {
      const file = join(folder, `copy-${copies.length}.sqlite`);
      copyFiles(hub.file, file);
      copies.push(file);
    };
    hub.app.run = async (...call) => {
      snapshot();
      const result = await run(...call);
      snapshot();
      return result;
    };
    await hub.does("orchestrators/O/a", JSON.stringify({ generation: 0 }));
    snapshot();
    await hub.advance(20_000);
    expect(await hub.status("a")).toMatchObject(RESULT);
    expect(copies.length).toBeGreaterThan(20);

    for (const file of copies) {
      const again = opened(new TestHub(SOURCE, file));
      await again.advance(3 * VISIBILITY_MS);
      expect(await again.status("a"), file).toMatchObject(RESULT);
    }
    rmSync(folder, { recursive: true });
  });

  it("gives back what it had taken only after the visibility timeout", async () => {
    const hub = opened(new TestHub(SOURCE));
    hub.hub.control["holdActivity"]?.({ name: "A" });
    await hub.does("orchestrators/O/a", JSON.stringify({ generation: 1 }));
    const file = join(mkdtempSync(join(tmpdir(), "crash-")), "copy.sqlite");
    copyFiles(hub.file, file);
    const again = opened(new TestHub(SOURCE, file));
    await again.advance(VISIBILITY_MS - 1);
    expect(again.activities).toEqual([]);
    await again.advance(1);
    expect(again.activities).toEqual(["A"]);
    await again.advance(20_000);
    expect(await again.status("a")).toMatchObject(RESULT);
  });

  it("gives back the messages of an episode under way only after the visibility timeout", async () => {
    const hub = opened(new TestHub(SOURCE));
    const file = join(mkdtempSync(join(tmpdir(), "crash-")), "copy.sqlite");
    const run = hub.app.run.bind(hub.app);
    hub.app.run = (...call) => {
      copyFiles(hub.file, file);
      hub.app.run = run;
      return run(...call);
    };
    await hub.does("orchestrators/O/a", JSON.stringify({ generation: 1 }));
    const again = opened(new TestHub(SOURCE, file));
    await again.advance(VISIBILITY_MS - 1);
    expect(again.sent).toEqual([]);
    await again.advance(20_000);
    expect(await again.status("a")).toMatchObject(RESULT);
  });

  it("leaves to the next one the start that was answered", async () => {
    const hub = opened(new TestHub(SOURCE));
    const answer = hub.post("orchestrators/O/a", JSON.stringify({ generation: 1 }));
    const file = join(mkdtempSync(join(tmpdir(), "crash-")), "copy.sqlite");
    copyFiles(hub.file, file);
    expect(await answer).toBe(202);
    const again = opened(new TestHub(SOURCE, file));
    await again.advance(2 * VISIBILITY_MS);
    expect(await again.status("a")).toMatchObject(RESULT);
  });
});
