import type { OrchestrationContext, Task } from "durable-functions";
import type { Step } from "../shared/domain/next-step.ts";
import { instant, msOf, type Instant } from "../shared/domain/time.ts";
import { BELL, type Activities } from "./catalog.ts";

/** What one process hands to the loop: how to read its facts, what a bell means, and the pure story. */
export interface Process<Facts, Act extends keyof Activities, Result> {
  readonly read: keyof Activities;
  /** Does what the bell announces, so that the next act can follow at once. */
  readonly onBell: keyof Activities;
  readonly nextStep: (facts: Facts, now: Instant) => Step<Act, Result>;
}

/** What survives from one generation to the next: never facts, only how long a failing act is left alone. */
interface Held {
  readonly held?: string;
  readonly fails?: number;
  readonly notBefore?: Instant;
}

type Settled<Result> = { readonly result: Result } | { readonly until: Instant };

const HOP_MS = 5 * 24 * 3_600_000; // a timer of more than six days breaks Task.any
const UNIT_MS = 1_000;
const CEILING_MS = 5 * 60_000;
const MOST_ACTS = 20;

/**
 * The durable loop. One generation: facts first, acts as long as the story asks for one, at most one wait, the activity
 * of the bell, acts again, then continueAsNew or the end. Why it has this shape: docs/decisions/0003-durable-loop.md.
 */
export function durableLoop<Facts, Act extends keyof Activities, Result>(process: Process<Facts, Act, Result>) {
  return function* (context: OrchestrationContext): Generator<Task, Result | undefined, unknown> {
    const input = context.df.getInput<Readonly<Record<string, unknown>> & Held>();
    const { held: heldBefore, fails: failsBefore, notBefore: notBeforeBefore, ...own } = input;
    const backOff = { held: heldBefore ?? "", fails: failsBefore ?? 0, notBefore: notBeforeBefore ?? "" };
    const now = (): Instant => context.df.currentUtcDateTime.toISOString();

    function* attempt(activity: keyof Activities, key: string): Generator<Task, Facts | undefined, unknown> {
      try {
        return (yield context.df.callActivity(activity, { ...own, key })) as Facts;
      } catch {
        return undefined; // the text of the failure stays out of the orchestration; the activity has logged it
      }
    }

    function holdBack(key: string): void {
      backOff.fails = backOff.held === key ? backOff.fails + 1 : 0;
      backOff.notBefore = instant(msOf(now()) + Math.min(CEILING_MS, UNIT_MS * 2 ** Math.min(backOff.fails, 20)));
      backOff.held = key;
    }

    function* settle(first: Facts | undefined): Generator<Task, Settled<Result>, unknown> {
      const tried = new Set<string>();
      let facts = first;
      let key = "read";
      for (;;) {
        const step = facts === undefined ? undefined : process.nextStep(facts, now());
        if (step?.kind === "finish") return { result: step.result };
        if (step?.kind === "wait") return { until: step.until };
        const wanted = step?.key ?? key;
        if (step === undefined || tried.has(wanted) || tried.size === MOST_ACTS) holdBack(wanted); // it failed, or changed nothing
        if (backOff.held === wanted && now() < backOff.notBefore) return { until: backOff.notBefore };
        tried.add((key = wanted));
        facts = yield* attempt(step?.act ?? process.read, wanted);
      }
    }

    let settled = yield* settle(yield* attempt(process.read, "read"));
    if ("until" in settled) {
      // Timers fire up to a second early, and those under a second at once.
      const wakeMs = Math.min(Math.max(msOf(settled.until), msOf(now()) + 1_000) + 1_000, msOf(now()) + HOP_MS);
      const timer = context.df.createTimer(new Date(wakeMs));
      const bell = context.df.waitForExternalEvent(BELL);
      const first = (yield context.df.Task.any([bell, timer])) as Task;
      const facts = yield* attempt(first === timer ? process.read : process.onBell, first === timer ? "read" : "bell");
      if (!timer.isCompleted) timer.cancel();
      settled = yield* settle(facts);
    }
    if ("result" in settled) return settled.result;
    context.df.continueAsNew({ ...own, ...backOff });
    return undefined;
  };
}
