import type { TypedData } from "../typed-data.ts";
import { sanitize } from "./failures.ts";
import type { HistoryEvent } from "./history.ts";
import { PlatformFault } from "./runner.ts";

/** Kinds of actions, numbered as the SDK sends them. */
export const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  CallHttp: 8,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
  LockEntities: 13,
  ReleaseEntityLocks: 14,
} as const;

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

interface Call {
  readonly functionName: string;
  readonly input?: unknown;
}
interface ChildCall extends Call {
  readonly instanceId?: string | null;
}
interface Retried {
  readonly retryOptions: RetryOptions;
}
export interface EntityCall {
  readonly instanceId: string;
  readonly operation: string;
  readonly input?: unknown;
}
export interface EntityName {
  readonly name: string;
  readonly key: string;
}

/** What `callHttp` asks for, as the SDK sends it and as the built-in activity gets it. */
export interface DurableHttpRequest {
  readonly method: string;
  readonly uri: string;
  readonly content?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly tokenSource?: unknown;
  readonly asynchronousPatternEnabled?: boolean;
}

export type Action =
  | (Call & { readonly actionType: 0 })
  | (Call & Retried & { readonly actionType: 1 })
  | (ChildCall & { readonly actionType: 2 })
  | (ChildCall & Retried & { readonly actionType: 3 })
  | { readonly actionType: 4; readonly input?: unknown }
  | { readonly actionType: 5; readonly fireAt: string; readonly isCanceled: boolean }
  | { readonly actionType: 6; readonly externalEventName: string }
  | (EntityCall & { readonly actionType: 7 | 9 })
  | { readonly actionType: 8; readonly httpRequest: DurableHttpRequest }
  | { readonly actionType: 11 | 12; readonly compoundActions: readonly Action[] }
  | { readonly actionType: 13; readonly lockSet: readonly EntityName[] }
  | { readonly actionType: 10 | 14 };

/** What the SDK answers for a whole replay. */
export interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly Action[];
  readonly output?: unknown;
  readonly customStatus?: unknown;
  readonly error?: string;
}

/** The handler threw something that carries no state: the engine sees a failure before the first action. */
interface BrokenCall {
  readonly crashed: string;
}
export type Outcome = OrchestratorState | BrokenCall;

export interface OrchestrationCall {
  readonly instanceId: string;
  readonly parentInstanceId: string | null;
  readonly history: readonly HistoryEvent[];
  readonly input: string | null;
  readonly isReplaying: boolean;
}

/** The text that the trigger binding of an orchestrator carries. */
export const orchestrationPayload = (call: OrchestrationCall): TypedData => ({
  string: JSON.stringify({
    history: call.history,
    input: call.input === null ? null : (JSON.parse(call.input) as unknown),
    instanceId: call.instanceId,
    isReplaying: call.isReplaying,
    parentInstanceId: call.parentInstanceId,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: "3.00:00:00",
    maximumShortTimerDuration: "6.00:00:00",
    defaultHttpAsyncRequestSleepTimeMillseconds: 30000,
  }),
});

/** Reads what an orchestrator function returned. */
export function parseReturned(returned: TypedData | undefined): Outcome {
  const text = returned?.json ?? returned?.string;
  const state = text === undefined ? undefined : parseState(text);
  if (!state) throw new PlatformFault("the orchestrator's result cannot be read");
  return state;
}

const MARKER = "$OutOfProcData$:";

/** Reads what an orchestrator function threw: usually its state, behind a marker in the message. */
export function parseThrown(error: Error): Outcome {
  const message = sanitize(error.message);
  const at = message.indexOf(MARKER);
  const state = at < 0 ? undefined : parseState(message.slice(at + MARKER.length));
  return state ?? { crashed: message };
}

function parseState(text: string): OrchestratorState | undefined {
  let state: Partial<Omit<OrchestratorState, "actions"> & { actions: readonly (readonly Action[])[] }>;
  try {
    state = JSON.parse(text) as typeof state;
  } catch {
    return undefined;
  }
  if (typeof state !== "object" || (state as unknown) === null || !Array.isArray(state.actions)) return undefined;
  const { isDone = false, output, customStatus, error } = state;
  return {
    isDone,
    actions: state.actions.flat(),
    output,
    customStatus,
    ...(error === undefined ? {} : { error }),
  };
}
