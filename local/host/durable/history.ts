/** History events in the form that the worker gets them. `EventType` numbers are the engine's own. */
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

export type EventTypeNumber = (typeof EventType)[keyof typeof EventType];

export interface HistoryEvent {
  readonly EventType: EventTypeNumber;
  readonly EventId: number;
  readonly IsPlayed: boolean;
  readonly Timestamp: string;
  readonly [field: string]: unknown;
}

/** The fields that an event of one kind carries beside the common ones, in the order in which the engine writes them. */
export const event = (
  type: EventTypeNumber,
  at: string,
  fields: Readonly<Record<string, unknown>> = {},
  id = -1,
): HistoryEvent => ({ EventType: type, ...fields, EventId: id, IsPlayed: false, Timestamp: at });

export const orchestratorStarted = (at: string): HistoryEvent => event(EventType.OrchestratorStarted, at);
export const orchestratorCompleted = (at: string): HistoryEvent => event(EventType.OrchestratorCompleted, at);

export interface ParentLink {
  readonly name: string;
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
}

export const executionStarted = (
  at: string,
  start: {
    readonly instanceId: string;
    readonly executionId: string;
    readonly name: string;
    readonly input: string | null;
    readonly version: string | null;
    readonly parent: ParentLink | undefined;
    readonly generation: number | null;
  },
): HistoryEvent => ({
  OrchestrationInstance: { InstanceId: start.instanceId, ExecutionId: start.executionId },
  ...event(EventType.ExecutionStarted, at, {
    ParentInstance: start.parent
      ? {
          Name: start.parent.name,
          OrchestrationInstance: { InstanceId: start.parent.instanceId, ExecutionId: start.parent.executionId },
          TaskScheduleId: start.parent.taskId,
          Version: "",
        }
      : null,
    Name: start.name,
    Version: start.version,
    Input: start.input,
    Tags: null,
    Correlation: null,
    ParentTraceContext: null,
    ScheduledStartTime: null,
    Generation: start.generation,
    GenerateNewTrace: false,
  }),
});

const MESSAGES: readonly EventTypeNumber[] = [
  EventType.ExecutionStarted,
  EventType.ExecutionTerminated,
  EventType.TaskCompleted,
  EventType.TaskFailed,
  EventType.SubOrchestrationInstanceCompleted,
  EventType.SubOrchestrationInstanceFailed,
  EventType.TimerFired,
  EventType.EventRaised,
  EventType.GenericEvent,
  EventType.ExecutionSuspended,
  EventType.ExecutionResumed,
];

/** Past message events are marked as played; decisions and episode marks never are, but for the mark after continueAsNew. */
export const asPlayed = (events: readonly HistoryEvent[]): HistoryEvent[] =>
  events.map((one, index) =>
    MESSAGES.includes(one.EventType) ||
    (one.EventType === EventType.OrchestratorCompleted && isFirstMark(events, index))
      ? { ...one, IsPlayed: true }
      : one,
  );

/** A generation made by continueAsNew begins with its mark before any decision: `12, 0, 15…, 13`, decisions after it. */
const isFirstMark = (events: readonly HistoryEvent[], index: number): boolean => {
  const next = events[index + 1];
  const first = events.findIndex(({ EventType: type }) => type === EventType.OrchestratorCompleted) === index;
  return first && next !== undefined && next.EventType !== EventType.OrchestratorStarted;
};
