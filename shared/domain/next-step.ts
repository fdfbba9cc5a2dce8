import { isFinal, type ActivationFacts, type ActivationStatus } from "./activation.ts";
import { earliest, type Instant } from "./time.ts";

/** What the process does next. `key` names this very effect: the same key twice means that the act changed nothing. */
export type Step<Act extends string, Result> =
  | { readonly kind: "act"; readonly act: Act; readonly key: string }
  | { readonly kind: "wait"; readonly until: Instant }
  | { readonly kind: "finish"; readonly result: Result };

export type ActivationAct =
  | "openActivation"
  | "recordAsks"
  | "remindApprovers"
  | "grantRole"
  | "removeRole"
  | "closeActivation"
  | "deliverMessages";

type ActivationStep = Step<ActivationAct, { readonly status: ActivationStatus }>;

const act = (name: ActivationAct, key: string = name): ActivationStep => ({ kind: "act", act: name, key });
const waitUntil = (until: Instant): ActivationStep => ({ kind: "wait", until });

/** The story of an activation. Pure: the same facts at the same time give the same step. */
export function nextStep(facts: ActivationFacts, now: Instant): ActivationStep {
  const { state } = facts;
  const urgent = urgentStep(facts, now);
  if (urgent) return urgent;
  if (facts.unsent !== "") return act("deliverMessages", `deliver ${facts.unsent}`);
  if (isFinal(state)) return { kind: "finish", result: { status: state.status } };
  return waitUntil(nextLook(facts));
}

/** What cannot wait for messages: ending access before everything, then people's asks, then what the clock demands. */
function urgentStep({ state, asks }: ActivationFacts, now: Instant): ActivationStep | undefined {
  if (isFinal(state)) return undefined;
  if (state.status === "Active" && now >= state.endAt) return act("removeRole");
  if (state.status === "Ending" && now >= state.notBefore) return act("removeRole", `remove ${state.attempt}`);
  if (asks !== "") return act("recordAsks", `record ${asks}`);
  switch (state.status) {
    case "Requested":
      return now < state.giveUpAt ? act("openActivation") : act("closeActivation");
    case "AwaitingStepUp":
      return now < state.stepUpBy ? undefined : act("closeActivation");
    case "AwaitingApproval":
      if (now >= state.decideBy) return act("closeActivation");
      return now < state.nextReminderAt ? undefined : act("remindApprovers", `remind ${state.remindersSent + 1}`);
    case "Ready":
      return now < state.lapsesAt ? undefined : act("closeActivation");
    case "Granting":
      return now < state.notBefore ? undefined : act("grantRole", `grant ${state.attempt}`);
    default:
      return undefined;
  }
}

function nextLook({ state }: ActivationFacts): Instant {
  switch (state.status) {
    case "Requested":
      return state.giveUpAt;
    case "AwaitingStepUp":
      return state.stepUpBy;
    case "AwaitingApproval":
      return earliest(state.nextReminderAt, state.decideBy) ?? state.decideBy;
    case "Ready":
      return state.lapsesAt;
    case "Granting":
    case "Ending":
      return state.notBefore;
    case "Active":
      return state.endAt;
    default:
      return state.since;
  }
}
