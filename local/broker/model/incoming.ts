import type { FilterFacts } from "./filters.ts";

/** A message as it comes in: what the model has to know of it, and its bytes as they will be kept. */
export interface IncomingMessage {
  readonly bytes: Buffer;
  readonly messageId: string;
  readonly sessionId: string | undefined;
  readonly ttlMs: number | undefined;
  readonly scheduledAt: number | undefined;
  /** Worked out when a rule asks. */
  readonly facts: () => FilterFacts;
}
