import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { TableClient } from "@azure/data-tables";
import { SecretStore } from "../local/stack/secrets.ts";
import type { Stack } from "../local/stack/stack.ts";
import { startStack } from "../local/supervisor.ts";
import { baselineFlow } from "./baseline-flow.ts";
import type { Benchmark, Session } from "./benchmark.ts";
import { BELLS, productFlow, type Activation, type Flow } from "./flow.ts";
import { toRow, type Row } from "./row.ts";
import { median } from "./statistics.ts";

/** Storage transactions of the task hub; where they come from is told in docs/cost.md. */
const PER_START = 8;
const PER_BELL = 8;
const PER_ACTIVITY = 7;

const ACTIVATIONS = 3;
/** Entra refuses to remove a role in its first five minutes. */
const HELD_MS = 10 * 60_000;

interface Cost {
  readonly starts: number;
  readonly activities: number;
  readonly taskHub: number;
  readonly tables: number;
  readonly total: number;
}

/** Requests to storage that one activation costs: tables as counted by the storage, the task hub by the cost table. */
export const storageOperations: Benchmark = {
  id: "storage-operations",
  async run(session) {
    const product = await measure(session, resolve(import.meta.dirname, ".."), productFlow);
    const baseline = await measure(session, join(import.meta.dirname, "baseline"), baselineFlow);
    session.keep(this.id, { product, baseline });
    const compare = (what: string, part: "total" | "taskHub" | "tables", atMost?: number): Row => {
      const [ours, theirs] = [product, baseline].map((costs) => median(costs.map((cost) => cost[part])));
      return toRow({
        id: `storage-operations.${part}`,
        what: `${what} (${ours}), to one activity per step and per audit record`,
        value: (ours ?? 0) / (theirs ?? 0),
        unit: "x",
        baseline: `${theirs}`,
        ...(atMost === undefined ? {} : { goal: { atMost } }),
      });
    };
    return [
      compare("storage requests per activation", "total", 0.6),
      compare("of these, of the task hub", "taskHub"),
      compare("of these, of the app's tables", "tables"),
    ];
  },
};

/** Runs the flow a few times; the first one, which also makes the tables and fetches tokens, does not count. */
async function measure(
  session: Session,
  appDirectory: string,
  flowOf: (stack: Stack) => Flow,
): Promise<readonly Cost[]> {
  const dataDirectory = session.directory("storage-operations");
  const secrets = new SecretStore(join(dataDirectory, "secrets.json"));
  const settings = { SERVICENOW_CLIENT_SECRET: secrets.stackSecrets().servicenowClientSecret };
  secrets.save();
  const stack = await startStack({ dataDirectory, appDirectory, clock: "manual", settings });
  try {
    const flow = flowOf(stack);
    const costs: Cost[] = [];
    for (let round = 0; round <= ACTIVATIONS; round++) costs.push(await costOf(stack, flow));
    return costs.slice(1);
  } finally {
    await stack.stop();
  }
}

async function costOf(stack: Stack, flow: Flow): Promise<Cost> {
  const before = await countInvocations(stack);
  const [activation, tablesToActive] = await countTables(stack, () => flow.activate());
  await stack.clock.advance(HELD_MS); // the sweeps in this time are no part of the activation
  const [, tablesToEnd] = await countTables(stack, () => activation.end());
  await checkEnd(stack, flow, activation);
  const after = await countInvocations(stack);
  const [starts, activities] = [after.starts - before.starts, after.activities - before.activities];
  const taskHub = PER_START * starts + PER_BELL * BELLS + PER_ACTIVITY * activities;
  const tables = tablesToActive + tablesToEnd;
  return { starts, activities, taskHub, tables, total: taskHub + tables };
}

async function countTables<T>(stack: Stack, work: () => Promise<T>): Promise<readonly [T, number]> {
  await stack.call("storage", "clearRequests");
  const result = await work();
  return [result, ((await stack.call("storage", "requests")) as { readonly total: number }).total];
}

/** All activities that the host ran so far, by its log, and all orchestrations that were started, by the task hub. */
async function countInvocations(stack: Stack): Promise<{ readonly activities: number; readonly starts: number }> {
  const functions = (await stack.call("host", "functions")) as readonly {
    readonly name: string;
    readonly trigger: string;
  }[];
  const names = new Set(functions.filter(({ trigger }) => trigger === "activityTrigger").map(({ name }) => name));
  const lines = readFileSync(join(stack.dataDirectory, "host.log"), "utf8").trim().split("\n");
  const entries = lines.map((line) => JSON.parse(line) as { readonly function?: string; readonly message: string });
  const activities = entries.filter((entry) => /^invocation /.test(entry.message) && names.has(entry.function ?? ""));
  const code = encodeURIComponent(stack.taskHubKey);
  const response = await fetch(`${stack.addresses.app}/runtime/webhooks/durabletask/instances?top=1000&code=${code}`);
  return { activities: activities.length, starts: ((await response.json()) as readonly unknown[]).length };
}

interface Grant {
  readonly ticketNumber: string | null;
  readonly justification: string | null;
  readonly ended: string | null;
}

/** Both apps must have done the work: the role granted once and removed, every step in the audit table. */
async function checkEnd(stack: Stack, flow: Flow, activation: Activation): Promise<void> {
  const all = (await stack.call("graph", "grants")) as readonly Grant[];
  const [grant, ...more] = all.filter(({ ticketNumber }) => ticketNumber === activation.ticket);
  if (grant?.ended !== "removed" || more.length > 0)
    throw new Error(`${activation.ticket} ended with ${JSON.stringify([grant, ...more])}`);
  const audit = TableClient.fromConnectionString(stack.addresses.storage, "audit", { allowInsecureConnection: true });
  const partition = activation.auditPartition(grant.justification ?? "");
  let records = 0;
  for await (const record of audit.listEntities({ queryOptions: { filter: `PartitionKey eq '${partition}'` } }))
    records += record.rowKey === undefined ? 0 : 1;
  if (records < flow.auditRecords) throw new Error(`${activation.ticket} left ${records} audit records`);
}
