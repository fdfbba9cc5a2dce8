/** The actions that the worker's orchestrator state lists, as the SDK serialises them. */
export type Action =
  | { readonly actionType: 0; readonly functionName: string; readonly input?: unknown }
  | {
      readonly actionType: 1;
      readonly functionName: string;
      readonly input?: unknown;
      readonly retryOptions: RetryOptions;
    }
  | { readonly actionType: 2; readonly functionName: string; readonly instanceId?: string; readonly input?: unknown }
  | {
      readonly actionType: 3;
      readonly functionName: string;
      readonly instanceId?: string;
      readonly input?: unknown;
      readonly retryOptions: RetryOptions;
    }
  | { readonly actionType: 4; readonly input?: unknown }
  | { readonly actionType: 5; readonly fireAt: string; readonly isCanceled: boolean }
  | { readonly actionType: 6; readonly externalEventName: string }
  | { readonly actionType: 7 | 9; readonly instanceId: string; readonly operation: string; readonly input?: unknown }
  | { readonly actionType: 8; readonly httpRequest: unknown }
  | { readonly actionType: 11 | 12; readonly compoundActions: readonly Action[] }
  | { readonly actionType: 13; readonly lockRequestId?: string; readonly lockSet: readonly unknown[] }
  | { readonly actionType: 14; readonly lockSet?: readonly unknown[] };

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
}

/** What the worker answers for one episode. */
export interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly (readonly Action[])[];
  readonly output?: unknown;
  readonly customStatus?: unknown;
  readonly error?: string;
}

/** Something the orchestration decided: it gets an id and becomes part of the history. */
export type Decision = { readonly id: number } & (
  | { readonly kind: "task"; readonly name: string; readonly input: string | null }
  | {
      readonly kind: "child";
      readonly name: string;
      readonly instanceId: string | undefined;
      readonly input: string | null;
    }
  | { readonly kind: "timer"; readonly fireAt: string; readonly cancelled: boolean }
  | {
      readonly kind: "send";
      readonly target: string;
      readonly operation: string;
      readonly input: unknown;
      readonly signal: boolean;
    }
);
