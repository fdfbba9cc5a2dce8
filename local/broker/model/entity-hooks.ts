import type { JournalRecord } from "../journal/records.ts";
import type { DeadLetterReason } from "./dead-letter-reasons.ts";
import type { Message, PropertyChanges } from "./message.ts";

/** What an entity asks of its surroundings. */
export interface EntityHooks {
  record(record: JournalRecord): void;
  /** A new lock token. */
  token(): string;
  /** Takes a message that has just left the entity to where its dead letters go. */
  deadLetter(message: Message, now: number): void;
  /** Takes a message that came due and has just left the entity onwards; absent where messages stay. */
  readonly passOn?: (message: Message, now: number) => void;
  /** False where messages outlive their time: among dead letters. */
  readonly appliesTtl: boolean;
  /** Something became ready to be received. */
  ready(): void;
}

/** How a receiver is done with a message. */
export type Outcome =
  | { readonly kind: "complete" }
  | { readonly kind: "abandon"; readonly changes?: PropertyChanges }
  /** Given back untouched: nobody has tried it. */
  | { readonly kind: "release" }
  | { readonly kind: "defer"; readonly changes?: PropertyChanges }
  | { readonly kind: "deadLetter"; readonly reason: DeadLetterReason; readonly changes?: PropertyChanges };
