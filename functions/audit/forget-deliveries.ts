import { DAY_MS, plus } from "../../shared/domain/time.ts";
import type { Worker } from "../worker.ts";

/**
 * What anybody can have written without having proved anything: that a sign-in was answered, which counts for ten minutes,
 * and that an hour had unauthenticated calls from somewhere. Nobody asks for either a day later.
 */
const OF_ANYBODY = ["state", "noise"];
const KEPT_MS = DAY_MS;
/** At one look; a flood of more takes the next hours too. */
const MOST_FORGOTTEN = 100_000;

/** Removes them once a day has passed, so that no flood stays for ever. May run twice. */
export async function forgetDeliveries({
  deliveries,
  clock,
  log,
}: Pick<Worker, "deliveries" | "clock" | "log">): Promise<void> {
  for (const source of OF_ANYBODY) {
    const found = await deliveries.forget(source, plus(clock.now(), -KEPT_MS), MOST_FORGOTTEN);
    if (found === MOST_FORGOTTEN) log("warn", "more deliveries than are forgotten at one look", { source });
  }
}
