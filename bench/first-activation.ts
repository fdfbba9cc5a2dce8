import { startStack } from "../local/supervisor.ts";
import type { Session } from "./benchmark.ts";
import { productFlow } from "./flow.ts";
import { residentOf } from "./program.ts";

/** Processes that run the app: one for each part, or `host` for all of them. */
const PROCESSES = { split: ["front", "worker", "sweeper"], single: ["host"] } as const;
export type Growths = Readonly<Record<string, number>>;

/** By how many bytes each process of the host and the app grows, from its start to the end of its first activation's grant. */
export async function growthByFirstActivation(session: Session, form: keyof typeof PROCESSES): Promise<Growths> {
  const dataDirectory = session.directory("first-activation");
  const stack = await startStack({ dataDirectory, clock: "manual", split: form === "split" });
  try {
    const resident = (): readonly number[] =>
      PROCESSES[form].map((name) => residentOf([stack.describe().processes[name]?.pid ?? 0]));
    const before = resident();
    await productFlow(stack).activate();
    const after = resident();
    return Object.fromEntries(PROCESSES[form].map((name, index) => [name, (after[index] ?? 0) - (before[index] ?? 0)]));
  } finally {
    await stack.stop();
  }
}
