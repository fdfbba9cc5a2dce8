import { HOUR_MS, MINUTE_MS, msOf, plus } from "../../shared/domain/time.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { Worker } from "../worker.ts";
import { unsentOf } from "./facts.ts";

/** What sending needs. */
export type Mailer = Pick<Worker, "clock" | "store" | "notifier" | "tickets" | "log">;

/**
 * Sends what waits to be sent, each message on its own: one that fails stays and is tried again later, with growing
 * pauses. Never throws for a message, so it never holds up a grant or a removal.
 */
export async function deliver(worker: Mailer, record: ActivationRecord): Promise<ActivationRecord> {
  const rows = unsentOf(record, worker.clock.now());
  if (rows.length === 0) return record;
  const results = await Promise.all(rows.map((row) => send(worker, record, row)));
  const sent = rows.filter((_row, index) => results[index] === "sent").map(({ key }) => key);
  await worker.store.settle(record.id, sent);
  const kept = record.pending
    .filter(({ key }) => !sent.includes(key))
    .map((row) => results.find((result) => result !== "sent" && result.key === row.key) ?? row);
  return { ...record, pending: kept.filter((row): row is PendingRow => row !== "sent") };
}

async function send(worker: Mailer, record: ActivationRecord, row: PendingRow): Promise<"sent" | PendingRow> {
  if (row.body.kind !== "send") return row;
  const { message, attempts } = row.body;
  try {
    if (message.channel === "mail") await worker.notifier.mail({ ...message, activationId: record.id });
    else
      await worker.tickets[message.ticket.system]?.note(message.ticket, {
        marker: `ZS-${record.id}-${row.key}`,
        text: message.text,
      });
    return "sent";
  } catch (error) {
    const pauseMs = Math.min(HOUR_MS, MINUTE_MS * 2 ** Math.min(attempts, 10));
    const retryMs = error instanceof DependencyError ? (error.retryAfterMs ?? 0) : 0;
    const later: PendingRow = {
      ...row,
      dueAt: plus(worker.clock.now(), Math.max(pauseMs, retryMs)),
      body: { ...row.body, attempts: attempts + 1 },
    };
    worker.log("warn", "message not sent", {
      activationId: record.id,
      key: row.key,
      attempts: attempts + 1,
      ageMs: msOf(worker.clock.now()) - msOf(row.createdAt),
      problem: error instanceof Error ? error.message : "unknown",
    });
    await worker.store.postpone(later);
    return later;
  }
}
