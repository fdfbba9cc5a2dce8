import { nextChangeStep } from "../shared/domain/next-change-step.ts";
import { durableLoop } from "./loop.ts";

/** One change of eligibility or standing access from its asking to its end; the story is `nextChangeStep`. */
export const changeOrchestrator = durableLoop({
  read: "readChange",
  onBell: "recordChange",
  nextStep: nextChangeStep,
});
