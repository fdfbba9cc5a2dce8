import { setTimeout as pause } from "node:timers/promises";
import type { StackProcess } from "./stack-process.ts";

const LOOK_MS = 10;
/** A message that the host has just locked is settled or runs by then; what is still locked is somebody else's. */
const STEADY_MS = 500;

interface Counts {
  readonly entity: string;
  readonly active: number;
  readonly locked: number;
}

/** Whether no message is left that the host would receive: none waits, and none is on its way to the host. */
export async function triggerQueuesAreQuiet(
  host: StackProcess | undefined,
  broker: StackProcess | undefined,
): Promise<boolean> {
  if (host?.state !== "ready" || broker?.state !== "ready") return true;
  const received = (await host.call("host", "receives", {})) as string[];
  if (received.length === 0) return true;
  const before = await countsOf(broker, received);
  if (before.some(({ active, locked }) => active > locked)) {
    await pause(LOOK_MS);
    return false;
  }
  if (before.every(({ locked }) => locked === 0)) return true;
  for (let waitedMs = 0; waitedMs < STEADY_MS; waitedMs += LOOK_MS) {
    await pause(LOOK_MS);
    if (JSON.stringify(await countsOf(broker, received)) !== JSON.stringify(before)) return false;
  }
  return true;
}

async function countsOf(broker: StackProcess, entities: readonly string[]): Promise<Counts[]> {
  const names = new Set(entities.map((entity) => entity.toLowerCase()));
  const all = (await broker.call("broker", "entities", {})) as Counts[];
  return all.filter(({ entity }) => names.has(entity.toLowerCase()));
}
