import { MINUTE_MS, msOf, plus, type Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Controls } from "../../shared/ports/controls.ts";
import type { SweeperGateway } from "../../shared/ports/workflow-gateway.ts";
import { isFinal } from "../../shared/domain/activation.ts";
import type { ActivationId } from "../../shared/domain/ids.ts";
import { removeRole, type Remover } from "../activities/remove-role.ts";
import { findOurs } from "./read-back.ts";
import { deliver } from "./delivery.ts";
import { stateOf } from "./facts.ts";
import { event } from "./change.ts";

/** What the sweeper may do: ring, send, remove. It has no right to grant and no key. */
export type Sweeper = Remover & { readonly audit: AuditLog; readonly controls: Pick<Controls, "freeze"> };

const SWEEPER = { kind: "system", part: "sweeper" } as const;
const isMessage = ({ kind }: PendingRow["body"]): boolean => kind === "send" || kind === "publish";
/** By then an orchestration that was interrupted has gone on, if it is to go on at all. */
const COMES_BACK_MS = 3 * MINUTE_MS;
const STUCK_MS = 15 * MINUTE_MS;

/**
 * Once a minute: everything that is due and not done. Starts claims that have no orchestration, rings again for what
 * nobody recorded, ends access whose orchestration is gone, and reports what stays stuck. Nothing due costs one table
 * query. Each activation is swept on its own: a failure of one holds up no other.
 */
export async function sweep(sweeper: Sweeper, gateway: SweeperGateway): Promise<void> {
  const now = sweeper.clock.now();
  const due = await sweeper.store.due(now);
  const byActivation = Map.groupBy(due, ({ activationId }) => activationId);
  for (const [id, rows] of byActivation) {
    try {
      await sweepOne(sweeper, gateway, id, rows, now);
    } catch (error) {
      sweeper.log("error", "sweep failed", {
        activationId: id,
        problem: error instanceof Error ? error.message : "unknown",
      });
    }
  }
}

async function sweepOne(
  sweeper: Sweeper,
  gateway: SweeperGateway,
  id: ActivationId,
  rows: readonly PendingRow[],
  now: Instant,
): Promise<void> {
  const record = await sweeper.store.load(id);
  if (!record) return sweepUnknown(sweeper, gateway, id, rows);
  const undone = rows.filter(({ key }) => record.pending.some((row) => row.key === key));
  const done = rows.filter((row) => !undone.includes(row)).map(({ key }) => key);
  if (done.length > 0) await sweeper.store.settle(id, done); // a crash left them behind after their transition
  if (undone.length === 0) return;
  if (isFinal(stateOf(record))) return clearFinished(sweeper, gateway, record, undone);
  if (undone.some(({ body }) => body.kind === "watch")) await removeRole(sweeper, record);
  await gateway.start(id);
  await gateway.ring(id);
  await reportStuck(sweeper, record, undone, now);
}

/** What belongs to no activation: a freeze that is to be lifted, a change, or a claim whose winner died before it wrote the rest. */
async function sweepUnknown(
  { store, controls, clock }: Sweeper,
  gateway: SweeperGateway,
  id: ActivationId,
  rows: readonly PendingRow[],
): Promise<void> {
  if ((await controls.freeze())?.id === id) return gateway.resumeGrants(id);
  const change = rows.find(({ body: { kind } }) => kind === "change");
  if (change) {
    await gateway.change(id);
    return store.postpone({ ...change, dueAt: plus(clock.now(), MINUTE_MS) });
  }
  const { body } = rows.find(({ body: { kind } }) => kind === "start") ?? {};
  const claims = body?.kind === "start" ? await store.claimsOf(body.ticket) : [];
  const claim = claims.find(({ activationId }) => activationId === id);
  if (claim) {
    await store.claim(claim); // once more writes what is missing
    await gateway.start(id);
    return;
  }
  await store.settle(
    id,
    rows.map(({ key }) => key),
  );
}

/** A finished activation never changes again: only its messages still go out, and nothing of it may be left in the directory. */
async function clearFinished(
  sweeper: Sweeper,
  gateway: SweeperGateway,
  record: ActivationRecord,
  rows: readonly PendingRow[],
): Promise<void> {
  // An orchestration that comes back after a crash sends them itself: two senders at once would write a note twice.
  const isOverdue = rows.some(({ dueAt }) => plus(dueAt, COMES_BACK_MS) <= sweeper.clock.now());
  if (!((await gateway.isRunning(record.id)) ?? !isOverdue)) await deliver(sweeper, record);
  const watched = rows.some(({ body }) => body.kind === "watch") && stateOf(record).status !== "Ended";
  if (watched && !(await isGone(sweeper, record))) return;
  const obsolete = rows.filter(({ body }) => !isMessage(body)).map(({ key }) => key);
  if (obsolete.length > 0) await sweeper.store.settle(record.id, obsolete);
}

/** An assignment of an activation that ended without holding the role is removed and reported. */
async function isGone(sweeper: Sweeper, record: ActivationRecord): Promise<boolean> {
  const found = await findOurs(sweeper, record.claim);
  if (found.kind !== "ours") return true;
  const now = sweeper.clock.now();
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
