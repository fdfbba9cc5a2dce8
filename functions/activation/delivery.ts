import { HOUR_MS, MINUTE_MS, msOf, plus } from "../../shared/domain/time.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { Worker } from "../worker.ts";
import { unsentOf } from "./facts.ts";
import { publish, type Publisher } from "./publishing.ts";

/** What sending needs. */
export type Mailer = Publisher & Pick<Worker, "notifier" | "tickets">;

/**
 * Sends what waits to be sent, each message on its own, and what happened as events: one that fails stays and is tried again later, with growing
 * pauses. Never throws for a message, so it never holds up a grant or a removal.
 */
export async function deliver(worker: Mailer, record: ActivationRecord): Promise<ActivationRecord> {
  const rows = unsentOf(record, worker.clock.now());
  if (rows.length === 0) return record;
  const messages = rows.filter(({ body }) => body.kind === "send");
  const announcements = rows.filter(({ body }) => body.kind === "publish");
  const [unpublished, ...unsent] = await Promise.all([
    publish(worker, record, announcements),
    ...messages.map((row) => send(worker, record, row)),
  ]);
  const later = [...unpublished, ...unsent.filter((row) => row !== undefined)];
  const isLater = ({ key }: PendingRow): boolean => later.some((row) => row.key === key);
  const done = rows.filter((row) => !isLater(row)).map(({ key }) => key);
  await worker.store.settle(record.id, done);
  const kept = record.pending.filter((row) => !done.includes(row.key) && !isLater(row));
  return { ...record, pending: [...kept, ...later] };
}

/** Answers the row that stays, if the message could not be sent. */
async function send(worker: Mailer, record: ActivationRecord, row: PendingRow): Promise<PendingRow | undefined> {
  if (row.body.kind !== "send") return row;
  const { message, attempts } = row.body;
  try {
    if (message.channel === "mail") await worker.notifier.mail(message);
    else
      await worker.tickets[message.ticket.system]?.note(message.ticket, {
        marker: `ZS-${record.id}-${row.key}`,
        text: message.text,
      });
    return undefined;
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
