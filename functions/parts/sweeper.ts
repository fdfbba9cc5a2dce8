import { app } from "@azure/functions";
import type { SweeperPart } from "../composition.ts";
import { later } from "./later.ts";

/** Timers: what ends what nobody ends, compares and signs. They can take away, never give. */
export function registerSweeper({ sweeper, notary }: SweeperPart): void {
  app.timer("sweep", { schedule: "30 * * * * *", handler: later((from) => () => from.sweep(sweeper)) });
  app.timer("reconcile", { schedule: "30 */5 * * * *", handler: later((from) => () => from.reconcile(sweeper)) });
  app.timer("checkDaily", { schedule: "0 0 5 * * *", handler: later((from) => from.checkDaily(sweeper)) });
  app.timer("writeCheckpoint", { schedule: "0 */10 * * * *", handler: later((from) => from.writeCheckpoint(notary)) });
}
