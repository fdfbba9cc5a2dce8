import type { AuditEvent } from "../../shared/domain/audit-event.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Log } from "../worker.ts";

/** A record about what is taken away: where the trail cannot be written, the removal goes on, and the log has it. */
export async function appendOrLog(
  { audit, log }: { readonly audit: Pick<AuditLog, "append">; readonly log: Log },
  subject: string,
  key: string,
  event: AuditEvent,
): Promise<void> {
  try {
    await audit.append(subject, key, event);
  } catch (error) {
    const problem = error instanceof Error ? error.message : "unknown";
    log("error", "trail not written", { subject, key, type: event.type, data: event.data, problem });
  }
}
