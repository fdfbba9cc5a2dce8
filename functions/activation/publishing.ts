import { MINUTE_MS, plus, SECOND_MS } from "../../shared/domain/time.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";
import type { Worker } from "../worker.ts";

export type Publisher = Pick<Worker, "clock" | "store" | "audit" | "events" | "log">;

const FIRST_PAUSE_MS = 30 * SECOND_MS;
const LONGEST_PAUSE_MS = 5 * MINUTE_MS;

/**
 * Publishes what the rows announce: every record from the first announced one on, in one go and in order, so that a late
 * one never overtakes an early one. Answers the rows that stay, to be tried later all together. Never throws for the bus.
 */
export async function publish(
  worker: Publisher,
  record: ActivationRecord,
  rows: readonly PendingRow[],
): Promise<readonly PendingRow[]> {
  const { events } = worker;
  if (!events || rows.length === 0) return [];
  const from = Math.min(...rows.map(({ body }) => (body.kind === "publish" ? body.from : Infinity)));
  try {
    const records = await recordsFrom(worker, record, from);
    // What a transition that failed left in the chain did not happen.
    const happened = records.filter(({ key }) => !record.row?.orphans.includes(key));
    if (happened.length > 0) await events.publish(happened);
    return [];
  } catch (error) {
    worker.log("warn", "events not published", {
      activationId: record.id,
      from,
      problem: error instanceof Error ? error.message : "unknown",
    });
    const later = rows.map((row) => postponed(worker, row));
    await Promise.all(later.map((row) => worker.store.postpone(row)));
    return later;
  }
}

/** From what this call wrote itself, or from the chain. */
async function recordsFrom(
  { audit }: Publisher,
  { id, row }: ActivationRecord,
  from: number,
): Promise<readonly AuditRecord[]> {
  const written = row?.written ?? [];
  const [first] = written;
  if (first && first.sequence <= from) return written.filter(({ sequence }) => sequence >= from);
  const records: AuditRecord[] = [];
  for await (const record of audit.read({ subject: id })) if (record.sequence >= from) records.push(record);
  return records;
}

function postponed({ clock }: Publisher, row: PendingRow): PendingRow {
  if (row.body.kind !== "publish") return row;
  const { attempts } = row.body;
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 10));
  return { ...row, dueAt: plus(clock.now(), pauseMs), body: { ...row.body, attempts: attempts + 1 } };
}
