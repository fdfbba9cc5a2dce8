import type { HistoryEvent } from "./history.ts";

/** What waits in an inbox. */
export interface Message {
  readonly id: number;
  readonly executionId: string | null;
  readonly event: HistoryEvent;
}

export interface OutgoingMessage {
  readonly instanceId: string;
  /** Null for what a client sends: it reaches whichever execution is current. */
  readonly executionId: string | null;
  readonly event: HistoryEvent;
  readonly visibleAt: number;
}
