import { afterEach, describe, expect, it } from "vitest";
import { setClock } from "../../local/clock.ts";
import { BELL } from "../../orchestrations/catalog.ts";
import { durableLoop } from "../../orchestrations/loop.ts";
import type { Step } from "../../shared/domain/next-step.ts";
import { instant } from "../../shared/domain/time.ts";
import { LoopRun, type Act } from "../support/loop-run.ts";

const START_MS = Date.parse("2026-03-02T09:00:00.000Z");
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

type Name = "openActivation" | "grantRole" | "removeRole";
type Told = Step<Name, string>;
/** Facts that say themselves what comes next. */
interface Facts {
  readonly step: Told;
  readonly secret: string;
}
const told = (step: Told): Facts => ({ step, secret: "of the facts" });
const act = (name: Name, key: string = name): Facts => told({ kind: "act", act: name, key });
const waitFor = (ms: number): Facts => told({ kind: "wait", until: instant(START_MS + ms) });
const finish = told({ kind: "finish", result: "done" });

const loop = durableLoop<Facts, Name, string>({
  read: "readFacts",
  onBell: "recordAsks",
  nextStep: (facts) => facts.step,
});
const runOf = (activity: (act: Act) => Facts): LoopRun => new LoopRun(loop, { id: "one" }, START_MS, activity);
const namesOf = (run: LoopRun): readonly string[] => run.acts.map(({ name }) => name);
/** Answers in their order; the last one stays. */
const inOrder = (...facts: readonly Facts[]): (() => Facts) => {
  let next = 0;
  return () => facts[Math.min(next++, facts.length - 1)] ?? finish;
};
const fails = (): never => {
  throw new Error("Graph is down: token=abc");
};

afterEach(() => setClock({ mode: "real", offsetMs: 0 }));

describe("the durable loop", () => {
  it("reads first, does one act after the other with its key, and ends with the result", async () => {
    const run = runOf(inOrder(act("openActivation"), act("grantRole", "grant 1"), act("removeRole"), finish));
    await run.settle();
    expect(run.acts.map(({ name, input }) => [name, input])).toEqual([
      ["readFacts", { id: "one", key: "read" }],
      ["openActivation", { id: "one", key: "openActivation" }],
      ["grantRole", { id: "one", key: "grant 1" }],
      ["removeRole", { id: "one", key: "removeRole" }],
    ]);
    expect([run.status, run.output, run.wakesInMs]).toEqual(["Completed", "done", Infinity]);
  });

  it("waits until the instant, reads again, and begins anew without any facts", async () => {
    const run = runOf(inOrder(waitFor(10 * MINUTE_MS), waitFor(20 * MINUTE_MS), waitFor(20 * MINUTE_MS), finish));
    await run.settle();
    expect(namesOf(run)).toEqual(["readFacts"]);
    await run.pass(10 * MINUTE_MS - SECOND_MS);
    expect(namesOf(run)).toEqual(["readFacts"]);
    await run.pass(2 * SECOND_MS);
    expect(namesOf(run)).toEqual(["readFacts", "readFacts", "readFacts"]);
    await run.pass(10 * MINUTE_MS);
    expect([run.status, run.output]).toEqual(["Completed", "done"]);
    expect(run.inputs.length).toBeGreaterThan(1);
    for (const input of run.inputs) expect(JSON.stringify(input)).not.toContain("of the facts");
    expect(Object.keys(run.inputs.at(-1) as object).toSorted()).toEqual(["fails", "held", "id", "notBefore"]);
  });

  it("does what the bell announces at once, and leaves the timer behind", async () => {
    const run = runOf(({ name }) => (name === "recordAsks" ? act("removeRole") : waitFor(DAY_MS)));
    await run.settle();
    run.ring(BELL);
    await run.settle();
    expect(namesOf(run)).toEqual(["readFacts", "recordAsks", "removeRole", "readFacts"]);
    expect(run.acts[1]?.input["key"]).toBe("bell");
    await run.pass(DAY_MS + 2 * SECOND_MS);
    expect(namesOf(run).filter((name) => name === "recordAsks")).toHaveLength(1);
  });

  it("hears each of two bells, and a bell while an act is under way", async () => {
    const run: LoopRun = runOf(({ name }) => {
      if (name === "openActivation") run.ring(BELL);
      return name === "readFacts" && run.acts.length === 1 ? act("openActivation") : waitFor(DAY_MS);
    });
    await run.settle();
    expect(namesOf(run).slice(0, 3)).toEqual(["readFacts", "openActivation", "recordAsks"]);
    const before = run.acts.length;
    run.ring(BELL);
    run.ring(BELL);
    await run.settle();
    const after = namesOf(run).slice(before);
    expect(after.filter((name) => name === "readFacts" || name === "recordAsks").length).toBeGreaterThanOrEqual(2);
    expect(run.status).toBe("Running");
  });

  it("is not woken by an event of another name", async () => {
    const run = runOf(() => waitFor(DAY_MS));
    await run.settle();
    run.ring("SomethingElse");
    run.ring(BELL.toLowerCase());
    await run.settle();
    expect(namesOf(run)).toEqual(["readFacts"]);
  });

  it("tries a failing act again after ever longer pauses of at most five minutes", async () => {
    const run = runOf(({ name }) => (name === "grantRole" ? fails() : act("grantRole", "grant 1")));
    await run.pass(60 * MINUTE_MS);
    const at = run.acts.filter(({ name }) => name === "grantRole").map(({ atMs }) => atMs);
    const pauses = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
    expect(pauses.length).toBeGreaterThan(12);
    expect(pauses.length).toBeLessThan(30);
    for (const [index, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual((pauses[index - 1] ?? 0) * 0.8);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5 * MINUTE_MS + 2 * SECOND_MS);
    expect(Math.max(...pauses)).toBeGreaterThan(4 * MINUTE_MS);
    expect(JSON.stringify(run.inputs)).not.toContain("token=abc");
  });

  it("hears bells and does other acts while one act fails", async () => {
    let asked = false;
    const run: LoopRun = runOf(({ name }) => {
      if (name === "grantRole") return fails();
      if (name === "recordAsks") asked = true;
      if (name === "removeRole") return finish;
      return asked ? act("removeRole") : act("grantRole");
    });
    await run.pass(10 * MINUTE_MS);
    expect(namesOf(run)).not.toContain("removeRole");
    run.ring(BELL);
    await run.settle();
    expect(namesOf(run).slice(-2)).toEqual(["recordAsks", "removeRole"]);
    expect(run.output).toBe("done");
  });

  it("does not spin on an act that changes nothing", async () => {
    const run = runOf(() => act("grantRole", "the same again"));
    await run.pass(60 * MINUTE_MS);
    const tries = namesOf(run).filter((name) => name === "grantRole").length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(60);
  });

  it("does not spin on a story that always finds something new to do", async () => {
    let count = 0;
    const run = runOf(() => act("grantRole", `another ${(count += 1)}`));
    await run.settle();
    expect(run.acts.length).toBeLessThan(60);
    expect(run.status).toBe("Running");
    expect(run.wakesInMs).toBeGreaterThanOrEqual(SECOND_MS);
  });

  it("reads again when the reading fails, and goes on when it works", async () => {
    let reads = 0;
    const run = runOf(({ name }) => (name === "readFacts" && (reads += 1) < 4 ? fails() : finish));
    await run.pass(5 * MINUTE_MS);
    expect(run.output).toBe("done");
    expect(reads).toBe(4);
  });

  it.each([
    ["long past", -DAY_MS],
    ["now", 0],
    ["half a second ahead", 500],
  ])("sets no timer under two seconds for an instant that is %s", async (_, ms) => {
    const run = runOf(() => waitFor(ms));
    await run.settle();
    expect(run.timersMs).toEqual([2 * SECOND_MS]);
  });

  it("goes to a far instant in hops of at most five days", async () => {
    const run = runOf(({ atMs }) => (atMs < START_MS + 12 * DAY_MS ? waitFor(12 * DAY_MS) : finish));
    await run.settle();
    expect(run.timersMs).toEqual([5 * DAY_MS]);
    await run.pass(12 * DAY_MS - MINUTE_MS);
    expect([run.status, run.acts.length > 2, run.acts.length < 12]).toEqual(["Running", true, true]);
    await run.pass(2 * MINUTE_MS);
    expect([run.status, run.output]).toEqual(["Completed", "done"]);
  });
});
