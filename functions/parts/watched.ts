import { app, type FunctionInput, type TimerHandler } from "@azure/functions";
import type { Examiner } from "../doctor/examine.ts";
import type { TimerName } from "../doctor/timers.ts";
import { laterFrom } from "./later.ts";

/** Due again after a minute at most: the host need not keep when it ran last, a write each time, to make up for a run. */
const EVERY_MINUTE = /^\d+ \* \* \* \* \*$/;

/**
 * Registers a timer whose runs are noted, so that a silent one is found.
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer on `useMonitor`
 */
export const watchedTimer =
  (noteRun: (timer: TimerName) => Promise<void>) =>
  (name: TimerName, schedule: string, handler: TimerHandler, extraInputs: readonly FunctionInput[] = []): void => {
    app.timer(name, {
      schedule,
      useMonitor: !EVERY_MINUTE.test(schedule),
      extraInputs: [...extraInputs],
      handler: async (...call) => {
        await handler(...call);
        await noteRun(name);
      },
    });
  };

const reporting = laterFrom(() => import("../doctor/examine.ts"));

/** A part without doors says by itself how it is. Where one process is all parts, it is asked. */
export function registerReport(examiner: Examiner): void {
  if (examiner.part === "worker" || examiner.part === "sweeper")
    app.timer("examine", { schedule: "0 25 * * * *", handler: reporting((from) => from.keepReport(examiner)) });
}
