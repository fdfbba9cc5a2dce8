import type { Instant } from "../domain/time.ts";

/** A message as it came on a sender's queue. */
export interface ReceivedMessage {
  readonly sender: string;
  /** Of the first delivery; copies that were put back carry it along. */
  readonly originalId: string;
  readonly body: Uint8Array;
}

/** What becomes of messages that start nothing now. Durable when they answer. @throws DependencyError */
export interface RequestQueues {
  /** Puts the message back on its queue, to be delivered at the instant. Putting it back twice is dropped by the broker. */
  again(
    message: ReceivedMessage & { readonly attempt: number; readonly firstAt: Instant },
    deliverAt: Instant,
  ): Promise<void>;
  /** Keeps the message where people find it, with the reason. May run twice: the copy has the same id. */
  reject(
    message: ReceivedMessage,
    why: { readonly reason: string; readonly description: string; readonly at: Instant },
  ): Promise<void>;
}
