/** Event types of a history, numbered as on the wire. */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  GenericEvent: 17,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

interface Base {
  readonly EventId: number;
  readonly IsPlayed: boolean;
  readonly Timestamp: string;
}

export interface InstanceRef {
  readonly InstanceId: string;
  readonly ExecutionId: string;
}

export interface ParentRef {
  readonly Name: string;
  readonly OrchestrationInstance: InstanceRef;
  readonly TaskScheduleId: number;
  readonly Version: null;
}

export interface ExecutionStarted extends Base {
  readonly OrchestrationInstance: InstanceRef;
  readonly EventType: typeof EventType.ExecutionStarted;
  readonly ParentInstance: ParentRef | null;
  readonly Name: string;
  readonly Version: string | null;
  readonly Input: string | null;
  readonly Tags: null;
  readonly Correlation: null;
  readonly ParentTraceContext: null;
  readonly ScheduledStartTime: null;
  readonly Generation: number | null;
  readonly GenerateNewTrace: boolean;
}

interface Completion extends Base {
  readonly EventType: 5 | 8;
  readonly TaskScheduledId: number;
  readonly Result: string | null;
}

interface Failure extends Base {
  readonly EventType: 6 | 9;
  readonly TaskScheduledId: number;
  readonly Reason: string;
  readonly Details: string | null;
  readonly FailureDetails: null;
}

export interface TaskScheduled extends Base {
  readonly EventType: 4;
  readonly Name: string;
  readonly Version: string;
  readonly Input: null;
  readonly ParentTraceContext: null;
  readonly Tags: null;
}

export interface ChildCreated extends Base {
  readonly EventType: 7;
  readonly Name: string;
  readonly Version: string | null;
  readonly InstanceId: string;
  readonly Input: null;
  readonly ClientSpanId: null;
  readonly Tags: null;
}

export type HistoryEvent =
  | ExecutionStarted
  | Completion
  | Failure
  | TaskScheduled
  | ChildCreated
  | (Base & { readonly EventType: 10; readonly FireAt: string })
  | (Base & { readonly EventType: 11; readonly TimerId: number; readonly FireAt: string })
  | (Base & { readonly EventType: 12 | 13 })
  | (Base & { readonly EventType: 14; readonly InstanceId: string; readonly Name: string; readonly Input: string })
  | (Base & {
      readonly EventType: 15;
      readonly Name: string;
      readonly Input: string | null;
      readonly ParentTraceContext: null;
    })
  | (Base & { readonly EventType: 17; readonly Data: string | null })
  | (Base & { readonly EventType: 3; readonly Input: string | null })
  | (Base & { readonly EventType: 19 | 20; readonly Reason: string | null })
  | (Base & {
      readonly EventType: 1;
      readonly OrchestrationStatus: string;
      readonly Result: string | null;
      readonly FailureDetails: null;
    });

/** Events without an id of their own: messages and the brackets of an episode. */
const message = (at: number): Base => ({ EventId: -1, IsPlayed: false, Timestamp: instant(at) });

export const instant = (at: number): string => new Date(at).toISOString();

export const bracket = (type: 12 | 13, at: number): HistoryEvent => ({ EventType: type, ...message(at) });

export const executionStarted = (
  start: {
    readonly instanceId: string;
    readonly executionId: string;
    readonly name: string;
    readonly input: string | null;
    readonly parent: ParentRef | null;
    /** How often a client has started the id before; null for children and after continueAsNew. */
    readonly generation: number | null;
  },
  at: number,
): ExecutionStarted => ({
  OrchestrationInstance: { InstanceId: start.instanceId, ExecutionId: start.executionId },
  EventType: 0,
  ParentInstance: start.parent,
  Name: start.name,
  Version: null,
  Input: start.input,
  Tags: null,
  Correlation: null,
  ParentTraceContext: null,
  ScheduledStartTime: null,
  Generation: start.generation,
  GenerateNewTrace: false,
  ...message(at),
});

export const executionCompleted = (id: number, status: string, result: string | null, at: number): HistoryEvent => ({
  EventType: 1,
  OrchestrationStatus: status,
  Result: result,
  FailureDetails: null,
  ...message(at),
  EventId: id,
});

export const taskScheduled = (id: number, name: string, at: number): HistoryEvent => ({
  EventType: 4,
  Name: name,
  Version: "",
  Input: null,
  ParentTraceContext: null,
  Tags: null,
  ...message(at),
  EventId: id,
});

export const taskCompleted = (kind: 5 | 8, taskId: number, result: string | null, at: number): HistoryEvent => ({
  EventType: kind,
  TaskScheduledId: taskId,
  Result: result,
  ...message(at),
});

export const taskFailed = (
  kind: 6 | 9,
  taskId: number,
  failure: { readonly reason: string; readonly details: string | null },
  at: number,
): HistoryEvent => ({
  EventType: kind,
  TaskScheduledId: taskId,
  Reason: failure.reason,
  Details: failure.details,
  FailureDetails: null,
  ...message(at),
});

export const childCreated = (
  child: { readonly id: number; readonly name: string; readonly instanceId: string },
  at: number,
): HistoryEvent => ({
  EventType: 7,
  Name: child.name,
  Version: null,
  InstanceId: child.instanceId,
  Input: null,
  ClientSpanId: null,
  Tags: null,
  ...message(at),
  EventId: child.id,
});

export const timerCreated = (id: number, fireAt: string, at: number): HistoryEvent => ({
  EventType: 10,
  FireAt: fireAt,
  ...message(at),
  EventId: id,
});

/** Its time is the one of its creation: the message waits in the queue until it is due. */
export const timerFired = (id: number, fireAt: string, createdAt: number): HistoryEvent => ({
  EventType: 11,
  TimerId: id,
  FireAt: fireAt,
  ...message(createdAt),
});

export const eventSent = (
  sent: { readonly id: number; readonly instanceId: string; readonly name: string; readonly input: string },
  at: number,
): HistoryEvent => ({
  EventType: 14,
  InstanceId: sent.instanceId,
  Name: sent.name,
  Input: sent.input,
  ...message(at),
  EventId: sent.id,
});

export const eventRaised = (name: string, input: string | null, at: number): HistoryEvent => ({
  EventType: 15,
  Name: name,
  Input: input,
  ParentTraceContext: null,
  ...message(at),
});

export const genericEvent = (data: string | null, at: number, id = -1): HistoryEvent => ({
  Data: data,
  EventType: 17,
  ...message(at),
  EventId: id,
});

export const executionTerminated = (reason: string | null, at: number): HistoryEvent => ({
  EventType: 3,
  Input: reason,
  ...message(at),
});

export const suspension = (type: 19 | 20, reason: string | null, at: number): HistoryEvent => ({
  EventType: type,
  Reason: reason,
  ...message(at),
});
