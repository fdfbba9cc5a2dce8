import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Stack } from "../local/stack/stack.ts";
import { startStack } from "../local/supervisor.ts";
import type { Benchmark } from "./benchmark.ts";
import { DEFAULT_POLLING, idleHubOperations, pollingOf } from "./hub-idle.ts";
import { toRow } from "./row.ts";

const HOST_JSON = resolve(import.meta.dirname, "../host.json");
const MINUTE_MS = 60_000;
const MINUTES = 60;
/** The host keeps when a monitored timer ran last and is due next: one blob, written each time it has run. */
const WRITES_PER_TIMER_RUN = 1;

/** An hour in which nobody asks for anything: the task hub by formula, our timers as the storage counts them. */
export const idle: Benchmark = {
  id: "idle",
  async run(session) {
    const stack = await startStack({ dataDirectory: session.directory("idle"), clock: "manual" });
    try {
      await endWhatStands(stack);
      await passMinutes(stack, MINUTES); // tables are made and tokens fetched
      const runsBefore = timerRuns(stack, await monitoredTimers(stack));
      await stack.call("storage", "clearRequests");
      await passMinutes(stack, MINUTES);
      const tables = (await stack.call("storage", "requests")) as { readonly total: number };
      const runs = timerRuns(stack, await monitoredTimers(stack)) - runsBefore;
      if (tables.total < MINUTES) throw new Error(`the timers asked ${tables.total} times, less than once a minute`);
      const taskHub = idleHubOperations(pollingOf(JSON.parse(readFileSync(HOST_JSON, "utf8"))));
      const byDefault = idleHubOperations(DEFAULT_POLLING);
      const timers = tables.total + runs * WRITES_PER_TIMER_RUN;
      session.keep(this.id, { taskHub, byDefault, tables, runs });
      return [
        toRow({
          id: "idle.storage-operations",
          what: `storage operations an idle hour (task hub ${taskHub}, our timers ${timers}), to a default host.json without timers`,
          value: (taskHub + timers) / byDefault,
          unit: "x",
          baseline: `${byDefault}`,
          goal: { atMost: 0.4 },
        }),
      ];
    } finally {
      await stack.stop();
    }
  },
};

/** An hour with findings is not idle: each foreign assignment costs requests at every look. */
async function endWhatStands(stack: Stack): Promise<void> {
  const all = (await stack.call("graph", "grants")) as readonly (Readonly<Record<string, string>> & {
    readonly endedAt: string | null;
  })[];
  for (const { principalId, roleDefinitionId, directoryScopeId } of all.filter(({ endedAt }) => endedAt === null))
    await stack.call("graph", "removeAssignment", { principalId, roleDefinitionId, directoryScopeId });
}

async function passMinutes(stack: Stack, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await stack.clock.advance(MINUTE_MS);
    await stack.settle();
  }
}

async function monitoredTimers(stack: Stack): Promise<ReadonlySet<string>> {
  const functions = (await stack.call("host", "functions")) as readonly {
    readonly name: string;
    readonly isMonitored?: boolean;
  }[];
  const timers = functions.filter(({ isMonitored }) => isMonitored === true);
  return new Set(timers.map(({ name }) => name));
}

/** How often timers have run so far, by the host's log. */
function timerRuns(stack: Stack, names: ReadonlySet<string>): number {
  const lines = readFileSync(join(stack.dataDirectory, "host.log"), "utf8").trim().split("\n");
  const entries = lines.map((line) => JSON.parse(line) as { readonly function?: string; readonly message: string });
  return entries.filter(({ message, function: name }) => /^invocation /.test(message) && names.has(name ?? "")).length;
}
