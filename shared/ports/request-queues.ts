import type { Instant } from "../domain/time.ts";

/** More of a body is not kept; no valid message comes near it. Leaves room for properties in a message of 256 KiB. */
export const MOST_KEPT_BYTES = 200 * 1024;

/** A message as it came on a sender's queue. */
export interface ReceivedMessage {
  readonly sender: string;
  /** Of the first delivery; copies that were put back carry it along. */
  readonly originalId: string;
  /** At most `MOST_KEPT_BYTES`. */
  readonly body: Uint8Array;
  /** Whether more was sent than is kept. */
  readonly truncated: boolean;
}

/** A message that was, or is to be, put back. */
export interface RepeatedMessage extends ReceivedMessage {
  /** How often it was put back. */
  readonly attempt: number;
  readonly firstAt: Instant;
  /** When its sender does not want it any more; a copy must not outlive that unnoticed, so it is carried along. */
  readonly expiresAt: Instant | undefined;
}

/** What becomes of messages that start nothing now. Durable when they answer. @throws DependencyError */
export interface RequestQueues {
  /** Puts the message back on its queue, to be delivered at the instant. Putting it back twice is dropped by the broker. */
  again(message: RepeatedMessage, deliverAt: Instant): Promise<void>;
  /** Keeps the message where people find it, with the reason. May run twice: then there are two copies with the same id. */
  reject(
    message: ReceivedMessage,
    why: { readonly id: string; readonly reason: string; readonly description: string; readonly at: Instant },
  ): Promise<void>;
}
