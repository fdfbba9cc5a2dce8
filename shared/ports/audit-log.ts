import type { AuditEvent, AuditRecord } from "../domain/audit-event.ts";
import type { ChainEnd } from "../domain/checkpoint.ts";

/** The audit trail: one hash chain per subject. Records of activations are written by `ActivationStore.transition`. */
export interface AuditLog {
  /** Appends to the chain of a subject that is no activation (`door-2026-11-24`, `controls`). May run twice only with the same `key`. */
  append(subject: string, key: string, event: AuditEvent): Promise<AuditRecord>;
  /** All records, ordered by subject and sequence, read page by page; `from` and `to` bound `at`. */
  read(range: { readonly from?: string; readonly to?: string; readonly subject?: string }): AsyncIterable<AuditRecord>;
  /** The records of one chain after a number, up to another one and with it. */
  chain(subject: string, after: number, to: number): AsyncIterable<AuditRecord>;
  /** The last record of every chain. A chain that grows meanwhile is answered as it was or as it is. */
  heads(): AsyncIterable<ChainEnd>;
}
