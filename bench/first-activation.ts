import { startStack } from "../local/supervisor.ts";
import type { Session } from "./benchmark.ts";
import { productFlow } from "./flow.ts";
import { residentOf } from "./program.ts";

/** By how many bytes the process of the host and the app grows, from its start to the end of its first activation's grant. */
export interface Growth {
  readonly withGarbage: number;
  /** What is left of it once the garbage is collected. */
  readonly kept: number;
}

export async function growthByFirstActivation(session: Session, rounds: number): Promise<readonly Growth[]> {
  const growths: Growth[] = [];
  for (let round = 0; round < rounds; round++) growths.push(await growth(session));
  return growths;
}

async function growth(session: Session): Promise<Growth> {
  const stack = await startStack({ dataDirectory: session.directory("first-activation"), clock: "manual" });
  try {
    const resident = (): number => residentOf([stack.describe().processes["host"]?.pid ?? 0]);
    const before = resident();
    await productFlow(stack).activate();
    const withGarbage = resident() - before;
    await stack.call("host", "collectGarbage");
    return { withGarbage, kept: resident() - before };
  } finally {
    await stack.stop();
  }
}
