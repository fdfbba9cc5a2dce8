import type { Step } from "../shared/domain/next-step.ts";
import { PERSONS_TO_RESUME } from "../shared/domain/resume.ts";
import { HOUR_MS, plus, type Instant } from "../shared/domain/time.ts";
import type { ResumeFacts } from "./catalog.ts";
import { durableLoop } from "./loop.ts";

type ResumeStep = Step<"recordResume", { readonly resumed: true }>;

/** Counts who agreed to lift one freeze, until it is lifted. */
export function nextResumeStep({ inForce, waiting, agreed }: ResumeFacts, now: Instant): ResumeStep {
  if (waiting !== "") return { kind: "act", act: "recordResume", key: `record-${waiting}` };
  if (!inForce) return { kind: "finish", result: { resumed: true } };
  if (agreed >= PERSONS_TO_RESUME) return { kind: "act", act: "recordResume", key: `lift-${agreed}` };
  return { kind: "wait", until: plus(now, HOUR_MS) };
}

/** The way back after a freeze: begins with the first sign-in of somebody who agrees, ends when grants go on. */
export const resumeOrchestrator = durableLoop({
  read: "readResume",
  onBell: "recordResume",
  nextStep: nextResumeStep,
});
