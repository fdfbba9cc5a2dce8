import type { Checkpoint } from "../domain/checkpoint.ts";

/** The checkpoints of the audit trail, insert-only. */
export interface Checkpoints {
  /** `false`: there is one with this number already. */
  append(checkpoint: Checkpoint): Promise<boolean>;
  /** Those with a higher number, in order, read page by page. */
  read(after: number): AsyncIterable<Checkpoint>;
}
