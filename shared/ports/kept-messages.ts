import type { KeptMessageId, Shelf } from "../domain/kept-message.ts";
import type { Instant } from "../domain/time.ts";

/** A message that nobody works on any more, as it lies there. */
export interface KeptMessage {
  readonly id: KeptMessageId;
  /** The queue it came in on, where it can be sent again; `undefined` = none that we receive from. */
  readonly origin: string | undefined;
  /** Of its first delivery. */
  readonly originalId: string;
  readonly enqueuedAt: Instant;
  /** How often its receiver got it. */
  readonly deliveries: number;
  readonly reason: string | undefined;
  readonly description: string | undefined;
  readonly body: Uint8Array;
  /** Whether the body is all of what came. */
  readonly isWhole: boolean;
}

export interface KeptMessagePage {
  readonly messages: readonly KeptMessage[];
  /** Begins the next page; `undefined` = there is none. */
  readonly next: KeptMessageId | undefined;
  /** Queues that the bus does not have, of those that were looked into. */
  readonly missing: readonly string[];
}

/** A message that nobody else can take at the moment. */
export interface HeldMessage {
  readonly message: KeptMessage;
  /** Sends a copy to its origin, where the bus has it then; answers its id, the same however often it is sent. */
  sendCopy(origin: string): Promise<string>;
  /** Takes it away for good. */
  discard(): Promise<void>;
}

/** The queue of rejected messages, and the dead letters of all queues that we receive from. @throws DependencyError */
export interface KeptMessages {
  /** A page in their order, from behind `after` on. Changes nothing. */
  list(shelf: Shelf, after: KeptMessageId | undefined): Promise<KeptMessagePage>;
  /** Changes nothing. */
  find(shelf: Shelf, id: KeptMessageId): Promise<KeptMessage | undefined>;
  /** Has `work` say what becomes of a message; a message that it does nothing with stays. `undefined`: it is not there. */
  hold<T>(shelf: Shelf, id: KeptMessageId, work: (held: HeldMessage) => Promise<T>): Promise<T | undefined>;
}
