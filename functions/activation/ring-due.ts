import { isFinal } from "../../shared/domain/activation.ts";
import type { ActivationId } from "../../shared/domain/ids.ts";
import { MINUTE_MS, plus } from "../../shared/domain/time.ts";
import type { ActivationStore, PendingRow } from "../../shared/ports/activation-store.ts";
import type { ChangeStore } from "../../shared/ports/change-store.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Controls } from "../../shared/ports/controls.ts";
import type { WorkflowGateway } from "../../shared/ports/workflow-gateway.ts";
import type { Log } from "../worker.ts";
import { stateOf } from "./facts.ts";
import { isMessage } from "./sweep.ts";

/** What ringing again needs. */
export interface Ringer {
  readonly clock: Clock;
  readonly store: Pick<ActivationStore, "due" | "waiting" | "load" | "claim" | "claimsOf" | "postpone" | "settle">;
  readonly changes: Pick<ChangeStore, "load">;
  readonly controls: Pick<Controls, "freeze">;
  readonly log: Log;
}

/**
 * Once a minute: starts claims that have no orchestration, and rings again for everything that is due and that nobody
 * recorded. A lost bell costs a minute, never a decision; also when the bus is away. Nothing due costs one table query.
 */
export async function ringDue(ringer: Ringer, gateway: WorkflowGateway): Promise<void> {
  const due = await ringer.store.due(ringer.clock.now());
  for (const [id, rows] of Map.groupBy(due, ({ activationId }) => activationId)) {
    try {
      await ringOne(ringer, gateway, id, rows);
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown";
      ringer.log("error", "ringing failed", { activationId: id, problem }); // the others are not held up
    }
  }
}

/** A finished activation is started again only for what is still to be sent. */
async function ringOne(
  ringer: Ringer,
  gateway: WorkflowGateway,
  id: ActivationId,
  rows: readonly PendingRow[],
): Promise<void> {
  const record = await ringer.store.load(id);
  if (!record) return ringUnknown(ringer, gateway, id, rows);
  const undone = rows.filter(({ key }) => record.pending.some((row) => row.key === key));
  const waits = isFinal(stateOf(record)) ? undone.some(({ body }) => isMessage(body)) : undone.length > 0;
  if (!waits) return;
  await gateway.start(id);
  await gateway.ring(id);
}

/** What belongs to no activation: a freeze that is to be lifted, a change, or a claim whose winner died before it wrote the rest. */
async function ringUnknown(
  { store, changes, controls, clock }: Ringer,
  gateway: WorkflowGateway,
  id: ActivationId,
  rows: readonly PendingRow[],
): Promise<void> {
  if ((await controls.freeze())?.id === id) return gateway.resumeGrants(id);
  // Also where its own row is not due: what was sent for a change that is under way is never thrown away.
  const change = (await store.waiting(id)).find(({ body: { kind } }) => kind === "change");
  if (change) {
    await gateway.change(id);
    if (rows.some(({ key }) => key === change.key))
      await store.postpone({ ...change, dueAt: plus(clock.now(), MINUTE_MS) });
    return;
  }
  const { body } = rows.find(({ body: { kind } }) => kind === "start") ?? {};
  const claims = body?.kind === "start" ? await store.claimsOf(body.ticket) : [];
  const claim = claims.find(({ activationId }) => activationId === id);
  if (claim) {
    await store.claim(claim); // once more writes what is missing
    await gateway.start(id);
    return;
  }
  // A review that is over has to hand on a sign-in that covers others as well.
  if (rows.some(({ body }) => body.kind === "proof") && (await changes.load(id))) return gateway.change(id);
  await store.settle(
    id,
    rows.map(({ key }) => key),
  );
}
