import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** What the parts keep of the past; secrets, locks and output stay. */
const STATE = /^(azurite|broker|front|worker|sweeper|timers\.json|clock\.json|host\.log|.+\.sqlite(-wal|-shm)?)$/;

/** Removes what the parts keep, once none of them runs. */
export function removeState(dataDirectory: string): void {
  for (const name of readdirSync(dataDirectory))
    if (STATE.test(name)) rmSync(join(dataDirectory, name), { recursive: true, force: true });
}
