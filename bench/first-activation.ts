import { startStack } from "../local/supervisor.ts";
import type { Session } from "./benchmark.ts";
import { productFlow } from "./flow.ts";
import { residentOf } from "./program.ts";

/** By how many bytes the process of the host and the app grows, from its start to the end of its first activation's grant. */
export async function growthByFirstActivation(session: Session, rounds: number): Promise<readonly number[]> {
  const growths: number[] = [];
  for (let round = 0; round < rounds; round++) growths.push(await growth(session));
  return growths;
}

async function growth(session: Session): Promise<number> {
  const stack = await startStack({ dataDirectory: session.directory("first-activation"), clock: "manual" });
  try {
    const resident = (): number => residentOf([stack.describe().processes["host"]?.pid ?? 0]);
    const before = resident();
    await productFlow(stack).activate();
    return resident() - before;
  } finally {
    await stack.stop();
  }
}
