import { MINUTE_MS, msOf, plus, type Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import { isFinal } from "../../shared/domain/activation.ts";
import type { ActivationId } from "../../shared/domain/ids.ts";
import { removeRole, type Remover } from "../activities/remove-role.ts";
import { findOurs } from "./read-back.ts";
import { deliver } from "./delivery.ts";
import { stateOf } from "./facts.ts";
import { event } from "./change.ts";

/** What the sweeper may do: send and remove. It has no right to grant, no key, and no way to the orchestrations. */
export type Sweeper = Remover & { readonly audit: AuditLog };

const SWEEPER = { kind: "system", part: "sweeper" } as const;
export const isMessage = ({ kind }: PendingRow["body"]): boolean => kind === "send" || kind === "publish";
/** A message that was due for so long, seen here all the time, has nobody else who sends it. */
const ABANDONED_MS = 3 * MINUTE_MS;
const STUCK_MS = 15 * MINUTE_MS;
/** The directory's lists lag behind by seconds, rarely by minutes: so long after the intent a grant may yet be seen. */
const SHOWN_AFTER_MS = 10 * MINUTE_MS;

/**
 * Once a minute: everything that is due and not done. Ends access whose orchestration is gone, sends what was not sent,
 * and reports what stays stuck. Nothing due costs one table query. Each activation is swept on its own: a failure of one
 * holds up no other.
 */
export function sweep(sweeper: Sweeper): () => Promise<void> {
  /** Since when this process sees what is due. By its age alone a row says nothing: everything may have been down. */
  let seenSince: ReadonlyMap<string, Instant> = new Map();
  return async () => {
    const now = sweeper.clock.now();
    const due = await sweeper.store.due(now);
    seenSince = new Map(due.map((row) => [nameOf(row), seenSince.get(nameOf(row)) ?? now]));
    const isAbandoned = (row: PendingRow): boolean => plus(seenSince.get(nameOf(row)) ?? now, ABANDONED_MS) <= now;
    for (const [id, rows] of Map.groupBy(due, ({ activationId }) => activationId)) {
      try {
        await sweepOne(sweeper, id, rows, now, isAbandoned);
      } catch (error) {
        sweeper.log("error", "sweep failed", {
          activationId: id,
          problem: error instanceof Error ? error.message : "unknown",
        });
      }
    }
  };
}

const nameOf = ({ activationId, key }: PendingRow): string => `${activationId} ${key}`;

async function sweepOne(
  sweeper: Sweeper,
  id: ActivationId,
  rows: readonly PendingRow[],
  now: Instant,
  isAbandoned: (row: PendingRow) => boolean,
): Promise<void> {
  const record = await sweeper.store.load(id);
  if (!record) return; // no activation, or not yet: the worker's
  const undone = rows.filter(({ key }) => record.pending.some((row) => row.key === key));
  const done = rows.filter((row) => !undone.includes(row)).map(({ key }) => key);
  if (done.length > 0) await sweeper.store.settle(id, done); // a crash left them behind after their transition
  if (undone.length === 0) return;
  if (isFinal(stateOf(record))) return clearFinished(sweeper, record, undone, isAbandoned);
  if (undone.some(({ body }) => body.kind === "watch")) await removeRole(sweeper, record);
  await reportStuck(sweeper, record, undone, now);
}

/** A finished activation never changes again: only its messages still go out, and nothing of it may be left in the directory. */
async function clearFinished(
  sweeper: Sweeper,
  record: ActivationRecord,
  rows: readonly PendingRow[],
  isAbandoned: (row: PendingRow) => boolean,
): Promise<void> {
  // The worker sends them as long as it is there: two senders at once would write a note twice.
  if (rows.some((row) => isMessage(row.body) && isAbandoned(row))) await deliver(sweeper, record);
  const watch = rows.find(({ body }) => body.kind === "watch");
  if (watch && stateOf(record).status !== "Ended" && !(await isGone(sweeper, record, watch))) return;
  const obsolete = rows.filter(({ body }) => !isMessage(body)).map(({ key }) => key);
  if (obsolete.length > 0) await sweeper.store.settle(record.id, obsolete);
}

/** An assignment of an activation that ended without holding the role is removed and reported. */
async function isGone(sweeper: Sweeper, record: ActivationRecord, watch: PendingRow): Promise<boolean> {
  const found = await findOurs(sweeper, record.claim);
  const now = sweeper.clock.now();
  if (found.kind === "nothing" || found.kind === "underWay") return now > plus(watch.createdAt, SHOWN_AFTER_MS);
  if (found.kind !== "ours") return true;
  await sweeper.directory.remove(record.claim, {
    justification: `ZS ${record.id} left over`,
    correlationId: crypto.randomUUID(),
  });
  await sweeper.audit.append(
    "findings",
    `left-${record.id}`,
    event("FindingReported", now, { finding: "leftOver", activationId: record.id }, SWEEPER),
  );
  return false;
}

/** Says that something is stuck: in the log at every sweep, for the alert rule, and in the audit trail once. */
async function reportStuck(
  sweeper: Sweeper,
  record: ActivationRecord,
  rows: readonly PendingRow[],
  now: Instant,
): Promise<void> {
  const stuck = rows.filter(
    ({ body, createdAt, dueAt }) =>
      !isMessage(body) && msOf(now) - msOf(body.kind === "watch" ? dueAt : createdAt) > STUCK_MS,
  );
  if (stuck.length === 0) return;
  const kinds = stuck.map(({ body }) => body.kind);
  sweeper.log("error", "stuck", { activationId: record.id, kinds });
  await sweeper.audit.append(
    "findings",
    `stuck-${record.id}`,
    event("FindingReported", now, { finding: "stuck", activationId: record.id, kinds }, SWEEPER),
  );
}
