import { setTimeout as pause } from "node:timers/promises";
import type { HostApi } from "./host-api.ts";

const LOOK_MS = 100;
/** An activity that takes longer than this without its instance moving is mistaken for rest. */
const STEADY_MS = 2_000;
const DEADLINE_MS = 60_000;

/** When a host may be taken to have nothing left to run: it does not say so, its task hub has not moved for a while. */
export class QuietHost {
  readonly #api: HostApi;

  constructor(api: HostApi) {
    this.#api = api;
  }

  /** @throws Error if it goes on moving */
  async wait(): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    let seen = await this.#look();
    for (let steadySince = performance.now(); performance.now() - steadySince < STEADY_MS;) {
      if (performance.now() > deadline) throw new Error("the host is still busy: the task hub goes on moving");
      await pause(LOOK_MS);
      const now = await this.#look();
      if (now === seen) continue;
      seen = now;
      steadySince = performance.now();
    }
  }

  async #look(): Promise<string> {
    return (await this.#api.instances()).join("\n");
  }
}
