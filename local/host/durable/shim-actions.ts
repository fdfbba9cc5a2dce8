import { instant } from "./history.ts";
import type { FunctionKind } from "./runner.ts";
import { ActionType, type Action, type RetryOptions } from "./protocol.ts";
import type { ShimContext } from "./shim-context.ts";
import type { ShimEntities } from "./shim-entities.ts";
import { callHttp } from "./shim-call-http.ts";
import { ShimTask } from "./shim-task.ts";

const DAY_MS = 86_400_000;
const LONGEST_TIMER_MS = 6 * DAY_MS;
const TIMER_SEGMENT_MS = 3 * DAY_MS;

export interface ActionEnvironment {
  readonly context: ShimContext;
  readonly entities: ShimEntities;
  readonly parentInstanceId: string | null;
  readonly isKnown: (kind: FunctionKind, name: string) => boolean;
}

/** Does one action of the SDK as the host does it: takes ids, records decisions, answers when it ends. */
export function invokeAction(action: Action, environment: ActionEnvironment): ShimTask {
  const { context, entities } = environment;
  switch (action.actionType) {
    case ActionType.CallActivity:
      return callActivity(action.functionName, action.input, environment);
    case ActionType.CallActivityWithRetry:
      return retried(context, action.retryOptions, () => callActivity(action.functionName, action.input, environment));
    case ActionType.CallSubOrchestrator:
      return callChild(action, environment);
    case ActionType.CallSubOrchestratorWithRetry:
      return retried(context, action.retryOptions, () => callChild(action, environment));
    case ActionType.ContinueAsNew:
      context.nextInput = { input: jsonText(action.input) };
      return ShimTask.ended();
    case ActionType.CreateTimer:
      return timer(context, action.fireAt, action.isCanceled);
    case ActionType.WaitForExternalEvent:
      return context.waitFor(action.externalEventName);
    case ActionType.CallEntity:
      return entities.call(action);
    case ActionType.SignalEntity:
      entities.signal(action);
      return ShimTask.ended();
    case ActionType.LockEntities:
      return entities.lock(action.lockSet);
    case ActionType.ReleaseEntityLocks:
      entities.release();
      return ShimTask.ended();
    case ActionType.CallHttp:
      return callHttp(action.httpRequest, context);
    case ActionType.WhenAll:
      return ShimTask.all(action.compoundActions.map((child) => invokeAction(child, environment)));
    case ActionType.WhenAny:
      return ShimTask.any(action.compoundActions.map((child) => invokeAction(child, environment)));
    default:
      throw new Error(`Received an unexpected action type from the out-of-proc function: '$${action.actionType}'.`);
  }
}

/** An unknown activity schedules nothing and fails without a trace; JavaScript then waits for ever. */
function callActivity(name: string, input: unknown, { context, isKnown }: ActionEnvironment): ShimTask {
  if (!isKnown("activity", name)) return ShimTask.ended(true);
  return context.open({ kind: "task", id: context.takeId(), name, input: activityInput(input) });
}

function callChild(
  action: { readonly functionName: string; readonly instanceId?: string | null; readonly input?: unknown },
  { context, parentInstanceId, isKnown }: ActionEnvironment,
): ShimTask {
  const { functionName: name, instanceId: asked } = action;
  const isOwn = (id: string | null): boolean => id?.toLowerCase() === asked?.toLowerCase();
  const forbidden = asked && (isOwn(context.instanceId) || isOwn(parentInstanceId) || asked.startsWith("@"));
  if (forbidden || !isKnown("orchestration", name)) return ShimTask.ended(true);
  const id = context.takeId();
  const instanceId = asked || `${context.executionId}:${id}`;
  return context.open({ kind: "child", id, name, instanceId, input: jsonText(action.input) });
}

/** A timer that is too long for the queue goes in segments, an id each. */
function timer(context: ShimContext, fireAt: string, cancelled: boolean): ShimTask {
  const due = Date.parse(fireAt);
  if (due - context.now <= LONGEST_TIMER_MS) return shortTimer(context, fireAt, cancelled);
  const whole = new ShimTask();
  const next = (): void => {
    if (context.now >= due) {
      whole.settle();
      return;
    }
    const segmentEnd = Math.min(context.now + TIMER_SEGMENT_MS, due);
    const segment = shortTimer(context, segmentEnd === due ? fireAt : instant(segmentEnd), cancelled, true);
    if (cancelled) whole.settle();
    else segment.whenSettled(next);
  };
  next();
  return whole;
}

function shortTimer(context: ShimContext, fireAt: string, cancelled: boolean, isSegment = false): ShimTask {
  const id = context.takeId();
  const task = context.open({ kind: "timer", id, fireAt, isSegment });
  if (cancelled) context.cancel(id);
  return task;
}

/** After the last failure one more timer is made, due at once; past the retry timeout there is none and JS hangs. */
function retried(context: ShimContext, options: RetryOptions, call: () => ShimTask): ShimTask {
  const whole = new ShimTask();
  const startedAt = context.now;
  const attempt = (number: number): void => {
    const task = call();
    task.whenSettled(() => {
      if (!task.failed) {
        whole.settle();
        return;
      }
      const timeoutMs = options.retryTimeoutInMilliseconds;
      if (timeoutMs !== undefined && context.now >= startedAt + timeoutMs) {
        whole.settle(true);
        return;
      }
      const isLast = number >= options.maxNumberOfAttempts;
      const delayMs = isLast ? 0 : delayBefore(number + 1, options);
      timer(context, instant(context.now + delayMs), false).whenSettled(() => {
        if (isLast) whole.settle(true);
        else attempt(number + 1);
      });
    });
  };
  attempt(1);
  return whole;
}

function delayBefore(attempt: number, options: RetryOptions): number {
  const delayMs = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (attempt - 2);
  return Math.min(delayMs, options.maxRetryIntervalInMilliseconds ?? LONGEST_TIMER_MS);
}

const jsonText = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** The SDK quotes strings itself; booleans arrive as .NET prints them. */
function activityInput(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  if (typeof input === "boolean") return input ? "True" : "False";
  return typeof input === "string" ? input : JSON.stringify(input);
}
