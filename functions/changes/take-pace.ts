import type { Instant } from "../../shared/domain/time.ts";
import type { PaceTaken } from "../../shared/domain/write-pace.ts";
import { event } from "../activation/change.ts";
import { mailTo } from "../activation/messages.ts";
import type { ChangeWorker } from "./change-worker.ts";

const WHAT = "pace of bulk writes";

/** Takes room for writes; where somebody spoiled what all instances share, that is told, and nothing waits for it. @throws DependencyError */
export async function takePace(worker: ChangeWorker, wanted: number): Promise<PaceTaken> {
  const now = worker.clock.now();
  const taken = await worker.pace.take(wanted, now);
  if (taken.spoiled) await tellSpoiled(worker, now);
  return taken;
}

/** In the log each time, for the alert; in the trail and by mail once a day. */
async function tellSpoiled(worker: ChangeWorker, now: Instant): Promise<void> {
  worker.log("error", "tampering", { what: WHAT });
  const key = `tampered-pace-${now.slice(0, 10)}`;
  try {
    await worker.audit.append("findings", key, event("TamperingFound", now, { what: WHAT }));
    if (!(await worker.deliveries.first("finding", key, now))) return;
    const message = mailTo(
      worker.policies.policy.alertMail,
      "Zero Standing: somebody changed its records",
      [
        "The row by which all instances share what they may write in bulk (table controls, pace) could not be right. It was put right, and the work goes on.",
        "Somebody writes into the tables, or the clock of an instance is wrong: zs doctor compares it.",
      ],
      worker.links.eligibilityPage(),
      "Who is eligible",
    );
    await worker.notifier.mail(message);
  } catch (error) {
    worker.log("error", "tampering not told", { problem: error instanceof Error ? error.message : "unknown" });
  }
}
