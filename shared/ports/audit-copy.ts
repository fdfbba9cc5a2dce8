import type { AuditRecord } from "../domain/audit-event.ts";
import type { Checkpoint } from "../domain/checkpoint.ts";

/** A second place for the audit trail, where lines can be added and nothing be changed or removed. */
export interface AuditCopy {
  /** The last checkpoint there, by what the copy itself says; `undefined`: there is none. */
  last(): Promise<Pick<Checkpoint, "sequence" | "hash"> | undefined>;
  /**
   * Adds the records and then the checkpoint over them. Where it fails, some of the records may be there already: the
   * next call adds them again. @throws DependencyError, also when somebody else adds lines at the same time
   */
  append(records: AsyncIterable<AuditRecord>, checkpoint: Checkpoint): Promise<void>;
}
