import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setClock } from "../../../../local/clock.ts";
import type { FunctionDefinition } from "../../../../local/host/function-definition.ts";
import type { Invoker } from "../../../../local/host/invoker.ts";
import { ScheduleMonitor } from "../../../../local/host/timer/schedule-monitor.ts";
import { TimerListener } from "../../../../local/host/timer/timer-listener.ts";
import type { TypedData } from "../../../../local/host/typed-data.ts";

interface Run {
  readonly at: string;
  readonly isPastDue: boolean;
}

let directory: string;
let runs: Run[];
let listeners: TimerListener[];
/** What the handler does while it runs. */
let during: () => Promise<void>;

const moveTo = (instant: string): void => setClock({ mode: "manual", nowMs: Date.parse(instant) });

function listen(schedule: string, more: Readonly<Record<string, unknown>> = {}): TimerListener {
  const invoke = async (_: FunctionDefinition, payload: TypedData): Promise<object> => {
    const { IsPastDue } = JSON.parse(payload.json ?? "") as { IsPastDue: boolean };
    runs.push({ at: new Date().toISOString(), isPastDue: IsPastDue });
    await during();
    return {};
  };
  const trigger = { type: "timerTrigger", direction: "in", name: "timer", schedule, ...more } as const;
  const definition = { name: "sweep", trigger, durableClients: [], metadata: { name: "sweep", bindings: {} } };
  const listener = new TimerListener(
    { ...definition, callback: () => undefined },
    { invoke } as unknown as Invoker,
    new ScheduleMonitor(join(directory, "timers.json")),
  );
  listeners.push(listener);
  listener.start();
  return listener;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "zero-standing-"));
  runs = [];
  listeners = [];
  during = async () => undefined;
  moveTo("2026-11-24T10:00:00Z");
});

afterEach(async () => {
  for (const listener of listeners) await listener.stop();
  rmSync(directory, { recursive: true });
});

describe("timer listener", () => {
  it("runs at each due time and not before", async () => {
    const listener = listen("0 0 * * * *");
    moveTo("2026-11-24T10:59:59Z");
    await listener.idle();
    expect(runs).toEqual([]);
    moveTo("2026-11-24T11:00:00Z");
    await listener.idle();
    moveTo("2026-11-24T12:00:00Z");
    await listener.idle();
    expect(runs.map(({ at }) => at)).toEqual(["2026-11-24T11:00:00.000Z", "2026-11-24T12:00:00.000Z"]);
  });

  it("runs once for a jump over many due times", async () => {
    const listener = listen("0 0 * * * *");
    moveTo("2026-11-26T10:00:00Z");
    await listener.idle();
    expect(runs).toHaveLength(1);
  });

  it("makes up once, marked past due, for what a stopped host missed", async () => {
    await listen("0 0 * * * *").stop();
    moveTo("2026-11-24T13:30:00Z");
    const again = listen("0 0 * * * *");
    await again.idle();
    expect(runs).toEqual([{ at: "2026-11-24T13:30:00.000Z", isPastDue: true }]);
    await again.stop();
    await listen("0 0 * * * *").idle();
    expect(runs).toHaveLength(1);
  });

  it("makes up for nothing when the schedule has changed", async () => {
    await listen("0 0 * * * *").stop();
    moveTo("2026-11-24T13:30:00Z");
    await listen("0 15 * * * *").idle();
    expect(runs).toEqual([]);
  });

  it("makes up for nothing when it runs more often than once a minute", async () => {
    await listen("*/10 * * * * *").stop();
    moveTo("2026-11-24T13:30:00Z");
    await listen("*/10 * * * * *").idle();
    expect(runs).toEqual([]);
  });

  it("runs at start when asked to", async () => {
    await listen("0 0 * * * *", { runOnStartup: true }).idle();
    expect(runs).toEqual([{ at: "2026-11-24T10:00:00.000Z", isPastDue: false }]);
  });

  it("does not run twice at once, and counts the next due time from the end", async () => {
    const ended = Promise.withResolvers<undefined>();
    during = () => ended.promise;
    const listener = listen("0 0 * * * *");
    moveTo("2026-11-24T11:00:00Z");
    moveTo("2026-11-24T12:10:00Z");
    ended.resolve(undefined);
    await listener.idle();
    expect(runs).toHaveLength(1);
    moveTo("2026-11-24T13:00:00Z");
    await listener.idle();
    expect(runs).toHaveLength(2);
  });

  it("goes on after an error", async () => {
    during = () => Promise.reject(new Error("a handler that fails"));
    const listener = listen("0 0 * * * *");
    moveTo("2026-11-24T11:00:00Z");
    await listener.idle();
    moveTo("2026-11-24T12:00:00Z");
    await listener.idle();
    expect(runs).toHaveLength(2);
  });
});
