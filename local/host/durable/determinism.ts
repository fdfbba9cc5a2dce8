import type { Decision } from "./decisions.ts";
import type { HistoryEvent } from "./history.ts";

/** The replay does not produce what the history says was decided before. */
export class NonDeterminism extends Error {
  override readonly name = "NonDeterminism";
}

/** A decision in the history. */
export type Recorded = Extract<HistoryEvent, { EventType: 4 | 7 | 10 | 14 }>;

const KIND = { 4: "task", 7: "child", 10: "timer", 14: "send" } as const;
const NOUN = {
  4: "an activity task",
  7: "a sub-orchestration task",
  10: "a timer task",
  14: "a send event task",
} as const;
const ACTION_CLASS = {
  task: "ScheduleTaskOrchestratorAction",
  child: "CreateSubOrchestrationAction",
  timer: "CreateTimerOrchestratorAction",
  send: "SendEventOrchestratorAction",
  complete: "OrchestrationCompleteOrchestratorAction",
} as const;
const BEFORE = "A previous execution of this orchestration scheduled";
const QUESTION = "Was a change made to the orchestrator code after this instance had already started running?";

/** Throws, in the words of the real engine, unless `decision` is the one that `recorded` stands for. */
export function assertSameDecision(recorded: Recorded, decision: Decision | undefined): void {
  if (!decision) {
    throw new NonDeterminism(
      `${BEFORE} ${missing(recorded)} but the current replay execution hasn't (yet?) scheduled this task. ${QUESTION}`,
    );
  }
  const numbered = `${BEFORE} ${NOUN[recorded.EventType]} with sequence number ${recorded.EventId} named `;
  if (decision.kind !== KIND[recorded.EventType]) {
    const name = recorded.EventType === 10 ? "" : `'${recorded.Name}', `;
    throw new NonDeterminism(
      `${numbered}${name}but the current orchestration replay instead produced a ${ACTION_CLASS[decision.kind]} ` +
        `action with this sequence number. ${QUESTION}`,
    );
  }
  if ((recorded.EventType === 4 || recorded.EventType === 7) && "name" in decision) {
    if (recorded.Name.toLowerCase() === decision.name.toLowerCase()) return;
    throw new NonDeterminism(
      `${numbered}'${recorded.Name}', but the current orchestration replay instead scheduled ` +
        `${NOUN[recorded.EventType]} named '${decision.name}' with this sequence number.  ${QUESTION}`,
    );
  }
}

function missing(recorded: Recorded): string {
  const noun = NOUN[recorded.EventType];
  const id = recorded.EventId;
  switch (recorded.EventType) {
    case 4:
      return `${noun} with sequence ID ${id} and name '${recorded.Name}' (version '${recorded.Version}'),`;
    case 7:
      return `${noun} with sequence ID ${id} and name '${recorded.Name}' (version '${recorded.Version ?? ""}', instance ID '${recorded.InstanceId}'),`;
    case 10:
      return `${noun} with sequence number ${id}`;
    case 14:
      return `${noun} with sequence ID ${id}, type 'EventSent', name '${recorded.Name}', instance ID '${recorded.InstanceId}',`;
  }
}
