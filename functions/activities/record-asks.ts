import { isFinal } from "../../shared/domain/activation.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";
import { deliver } from "../activation/delivery.ts";
import { asksOf, stateOf } from "../activation/facts.ts";
import { recordProof } from "../activation/record-proof.ts";
import { recordFreeze, recordStop } from "../activation/record-stop.ts";
import { recordTicketEvent } from "../activation/record-ticket-event.ts";
import { reportForgedRows } from "../activation/tampering.ts";
import type { Worker } from "../worker.ts";

/**
 * Records what people and systems asked for, one ask after the other: each is one transition with its audit record and
 * then gone. Recording an ask again changes nothing. Messages wait while a grant or a removal is next.
 */
export async function recordAsks(worker: Worker, record: ActivationRecord): Promise<ActivationRecord> {
  await reportForgedRows(worker, record);
  let current = record;
  for (const ask of asksOf(record, worker.clock.now())) current = await recordAsk(worker, current, ask);
  return ["Granting", "Ending"].includes(stateOf(current).status) ? current : deliver(worker, current);
}

async function recordAsk(worker: Worker, record: ActivationRecord, ask: PendingRow): Promise<ActivationRecord> {
  if (isFinal(stateOf(record))) return drop(worker, record, ask);
  switch (ask.body.kind) {
    case "stop":
      return (await recordStop(worker, record, ask, ask.body)) ?? drop(worker, record, ask);
    case "freeze":
      return (await recordFreeze(worker, record, ask)) ?? drop(worker, record, ask);
    case "ticket":
      return (await recordTicketEvent(worker, record, ask, ask.body)) ?? drop(worker, record, ask);
    case "proof":
      return recordProof(worker, record, ask, ask.body.sealed);
    default:
      return record;
  }
}

/** The ask changes nothing any more. */
async function drop(worker: Worker, record: ActivationRecord, ask: PendingRow): Promise<ActivationRecord> {
  await worker.store.settle(record.id, [ask.key]);
  return { ...record, pending: record.pending.filter(({ key }) => key !== ask.key) };
}
