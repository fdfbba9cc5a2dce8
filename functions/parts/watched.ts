import { app, type FunctionInput, type TimerHandler } from "@azure/functions";
import type { Examiner } from "../doctor/examine.ts";
import type { TimerName } from "../doctor/timers.ts";
import { later, type Handlers } from "./later.ts";

/** Registers a timer whose runs are noted, so that a silent one is found. */
export const watchedTimer =
  (noteRun: (timer: TimerName) => Promise<void>) =>
  (
    name: TimerName,
    schedule: string,
    make: (from: Handlers) => TimerHandler,
    extraInputs: readonly FunctionInput[] = [],
  ): void => {
    const handler = later(make);
    app.timer(name, {
      schedule,
      extraInputs: [...extraInputs],
      handler: async (...call) => {
        await handler(...call);
        await noteRun(name);
      },
    });
  };

/** A part without doors says by itself how it is. Where one process is all parts, it is asked. */
export function registerReport(examiner: Examiner): void {
  if (examiner.part === "worker" || examiner.part === "sweeper")
    app.timer("examine", { schedule: "0 25 * * * *", handler: later((from) => from.keepReport(examiner)) });
}
