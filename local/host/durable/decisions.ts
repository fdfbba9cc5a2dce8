/** What an orchestrator decided, by id; each becomes one history event and perhaps one message. */
export type Decision =
  | { readonly kind: "task"; readonly id: number; readonly name: string; readonly input: string | null }
  | {
      readonly kind: "timer";
      readonly id: number;
      readonly fireAt: string;
      /** A part of a longer one. Fired early, both sides would make one timer after the other until the second is over. */
      readonly isSegment?: boolean;
    }
  | {
      readonly kind: "child";
      readonly id: number;
      readonly name: string;
      readonly instanceId: string;
      readonly input: string | null;
    }
  | {
      readonly kind: "send";
      readonly id: number;
      readonly instanceId: string;
      readonly name: string;
      readonly input: string;
    }
  | Completion;

export interface Completion {
  readonly kind: "complete";
  readonly id: number;
  readonly status: "Completed" | "Failed" | "Terminated" | "ContinuedAsNew";
  /** JSON text, the reason of a termination, the text of a failure, or the input of the next generation. */
  readonly result: string | null;
  /** What a parent gets beside the reason; a terminated child has none. */
  readonly details: string | null;
}
