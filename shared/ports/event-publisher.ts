import type { AuditRecord } from "../domain/audit-event.ts";

/** Tells others what happened to activations. */
export interface EventPublisher {
  /**
   * Sends the records of one activation as events, in their order; of very many, the first may be told when it fails.
   * May run twice: an event keeps its id.
   * Fails within seconds, and for a while at once after a failure. @throws DependencyError
   */
  publish(records: readonly AuditRecord[]): Promise<void>;
}
