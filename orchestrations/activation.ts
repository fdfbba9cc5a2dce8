import { nextStep } from "../shared/domain/next-step.ts";
import { durableLoop } from "./loop.ts";

/** One activation from its claim to its end; the story is `nextStep`. */
export const activationOrchestrator = durableLoop({ read: "readFacts", onBell: "recordAsks", nextStep });
