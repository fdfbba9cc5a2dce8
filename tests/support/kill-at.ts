import { setTimeout as pause } from "node:timers/promises";
import type { Stack } from "../../local/stack/stack.ts";

const DEADLINE_MS = 120_000;

/** A request to Graph, as the local directory remembers it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly requestBody: string;
  readonly status: number;
}

export const requestsOf = async (stack: Stack): Promise<readonly SeenRequest[]> =>
  (await stack.call("graph", "exchanges")) as readonly SeenRequest[];

export interface Killing {
  /** Starts the host again if it is down. To be called after each move of the story. */
  revive(): Promise<void>;
  /** @throws Error when the host never was killed */
  over(): Promise<void>;
}

/** Kills the host with `SIGKILL` once Graph was asked for something so often. */
export function killOnce(stack: Stack, matches: (request: SeenRequest) => boolean, times: number): Killing {
  let state: "armed" | "killed" | "revived" | "over" = "armed";
  const watching = (async (): Promise<void> => {
    const until = performance.now() + DEADLINE_MS;
    while (state === "armed" && performance.now() < until) {
      if ((await requestsOf(stack)).filter(matches).length >= times) {
        state = "killed";
        await stack.kill("host");
      } else await pause(2);
    }
  })();
  return {
    revive: async () => {
      if (state !== "killed") return;
      await watching;
      state = "revived";
      await stack.start("host");
    },
    over: async () => {
      const before = state;
      state = "over";
      await watching;
      if (before !== "revived") throw new Error("the host was never killed");
    },
  };
}
