import { isOver, type ChangeFacts, type ChangeStatus } from "./change.ts";
import type { Step } from "./next-step.ts";
import { earliest, type Instant } from "./time.ts";

export type ChangeAct = "openChange" | "recordChange" | "remindChange" | "workChange" | "closeChange";

type ChangeStep = Step<ChangeAct, { readonly status: ChangeStatus }>;

const act = (name: ChangeAct, key: string = name): ChangeStep => ({ kind: "act", act: name, key });

/** The story of a change of eligibility or standing access: opened, confirmed, decided, worked item by item, over. Pure. */
export function nextChangeStep({ state, waiting }: ChangeFacts, now: Instant): ChangeStep {
  if (waiting !== "") return act("recordChange", `record ${waiting}`);
  if (isOver(state)) return { kind: "finish", result: { status: state.status } };
  switch (state.status) {
    case "Requested":
      return now < state.until ? act("openChange") : act("closeChange");
    case "AwaitingConfirmation":
      return now < state.until ? { kind: "wait", until: state.until } : act("closeChange");
    case "AwaitingApproval":
      if (now >= state.until) return act("closeChange");
      if (now >= state.remindAt) return act("remindChange", `remind ${state.remindAt}`);
      return { kind: "wait", until: earliest(state.remindAt, state.until) ?? state.until };
    case "AwaitingReview":
      if (now >= state.until) return act("closeChange");
      if (now >= state.remindAt) return act("remindChange", `remind ${state.remindAt}`);
      return { kind: "wait", until: earliest(state.remindAt, state.until) ?? state.until };
    case "Working":
      return now < state.notBefore ? { kind: "wait", until: state.notBefore } : act("workChange", `work ${state.step}`);
    default:
      return { kind: "finish", result: { status: state.status } };
  }
}
