import type { PropertyChanges } from "../model/message.ts";

/** Where a message goes: the entity and the number it has there. */
export type Destination = readonly [path: string, sequence: number];

/**
 * What the journal holds. Every record states what is, not what to add, so that reading one twice changes nothing:
 * a compaction may overlap with what was still waiting to be written.
 */
export type JournalRecord =
  | PutRecord
  | { readonly t: "del"; readonly q: string; readonly s: number }
  | {
      readonly t: "count";
      readonly q: string;
      readonly s: number;
      readonly n: number;
      readonly changes?: PropertyChanges;
    }
  | { readonly t: "defer"; readonly q: string; readonly s: number; readonly changes?: PropertyChanges }
  /** A scheduled message came due and got its new number. */
  | { readonly t: "due"; readonly q: string; readonly s: number; readonly n: number; readonly at: number }
  | MoveRecord
  /** The state of a session; the bytes follow, `set` false = none. */
  | { readonly t: "session"; readonly q: string; readonly id: string; readonly set: boolean }
  /** Written by compaction: ids that are still inside the window, and the next number of an entity. */
  | { readonly t: "seen"; readonly q: string; readonly id: string; readonly at: number }
  | { readonly t: "next"; readonly q: string; readonly n: number };

/** A message, in full; its bytes follow. */
export interface PutRecord {
  readonly t: "put";
  readonly to: readonly Destination[];
  readonly at: number;
  readonly ttl?: number;
  readonly session?: string;
  readonly due?: number;
  /** Message id and the entities in whose history it was noted. */
  readonly id?: string;
  readonly noted?: readonly string[];
  /** Only by compaction: what had happened to it since. */
  readonly n?: number;
  readonly deferred?: true;
  readonly scheduled?: true;
  readonly changes?: PropertyChanges;
  readonly source?: string;
}

/** To another entity: a dead letter, or a dead letter forwarded on. */
export interface MoveRecord {
  readonly t: "move";
  readonly q: string;
  readonly s: number;
  readonly to: readonly Destination[];
  readonly at: number;
  readonly n: number;
  readonly changes?: PropertyChanges;
  readonly source?: string;
}
