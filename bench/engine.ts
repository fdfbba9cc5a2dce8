import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Stack } from "../local/stack/stack.ts";
import { startStack } from "../local/supervisor.ts";
import type { Benchmark, Session } from "./benchmark.ts";
import { atOnce, DurableApi } from "./durable-api.ts";
import { toRow, type Row } from "./row.ts";
import { interleaved, median } from "./statistics.ts";

const APP = resolve(import.meta.dirname, "apps/engine");
const ROUNDS = 7;
const ORCHESTRATIONS = 150;
const COMMITS = 300;
/** What three activities cost if each step is a commit of its own: start, three results, four episodes. */
const COMMITS_PER_ORCHESTRATION = 8;
const WIDTH = 20;
const FEW = 10;
const MANY = 10_000;
const MORE = 60;

/** The embedded engine alone, through its HTTP API. */
export const engine: Benchmark = {
  id: "engine",
  run: async (session) => [await throughput(session), await oneMore(session)],
};

const startEngine = (session: Session, name: string): Promise<Stack> =>
  startStack({ dataDirectory: session.directory(name), only: ["host"], appDirectory: APP });

async function throughput(session: Session): Promise<Row> {
  const stack = await startEngine(session, "engine-throughput");
  try {
    const api = new DurableApi(stack);
    const file = join(stack.dataDirectory, "task-hub.sqlite");
    let batch = 0;
    const orchestrations = async (): Promise<number> => {
      const name = `batch-${batch++}`;
      const begin = performance.now();
      await atOnce(ORCHESTRATIONS, WIDTH, (index) => api.start("threeSteps", `${name}-${index}`));
      await stack.settle();
      const perSecond = (ORCHESTRATIONS * 1_000) / (performance.now() - begin);
      const last = await api.runtimeStatus(`${name}-${ORCHESTRATIONS - 1}`);
      if (last !== "Completed") throw new Error(`an orchestration is ${last} after all is settled`);
      return perSecond;
    };
    const bytes = await bytesPerCommit(orchestrations, file);
    const commits = async (): Promise<number> => rawCommits(join(session.directory("commits"), "raw.sqlite"), bytes);
    const samples = await interleaved(ROUNDS, { orchestrations, commits });
    session.keep("engine-throughput", { bytesPerCommit: bytes, ...samples });
    const ours = median(samples.orchestrations);
    const raw = median(samples.commits) / COMMITS_PER_ORCHESTRATION;
    return toRow({
      id: "engine.throughput",
      what: `orchestrations of three activities a second (${ours.toFixed(0)}), to durable commits of ${bytes} bytes a second / ${COMMITS_PER_ORCHESTRATION}`,
      value: ours / raw,
      unit: "x",
      baseline: `${raw.toFixed(0)} a second`,
      goal: { atLeast: 0.4 },
    });
  } finally {
    await stack.stop();
  }
}

/** A warm-up whose growth of the file tells how much one commit of the engine keeps. */
async function bytesPerCommit(orchestrations: () => Promise<number>, file: string): Promise<number> {
  const size = (): number => statSync(file).size;
  const before = size();
  await orchestrations();
  await orchestrations();
  return Math.max(100, Math.round((size() - before) / (2 * ORCHESTRATIONS * COMMITS_PER_ORCHESTRATION)));
}

/** Commits a second that SQLite can make here, each of one row and on disk before the next begins. */
function rawCommits(file: string, bytes: number): number {
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE kept (body BLOB)");
    const insert = database.prepare("INSERT INTO kept VALUES (?)");
    const body = new Uint8Array(bytes);
    const begin = performance.now();
    for (let commit = 0; commit < COMMITS; commit++) insert.run(body);
    return (COMMITS * 1_000) / (performance.now() - begin);
  } finally {
    database.close();
  }
}

/** Start, wait, bell, end of one more instance, beside few and beside many that wait. */
async function oneMore(session: Session): Promise<Row> {
  const [few, many] = [await startEngine(session, "engine-few"), await startEngine(session, "engine-many")];
  try {
    const beside = async (stack: Stack, waiting: number): Promise<() => Promise<number>> => {
      const api = new DurableApi(stack);
      await atOnce(waiting, WIDTH, (index) => api.start("waits", `waiting-${index}`));
      await stack.settle();
      let next = 0;
      return () => cost(stack, api, `more-${next++}`);
    };
    const subjects = { few: await beside(few, FEW), many: await beside(many, MANY) };
    await interleaved(5, subjects);
    const samples = await interleaved(MORE, subjects);
    session.keep("engine-one-more", samples);
    const [ours, baseline] = [median(samples.many), median(samples.few)];
    return toRow({
      id: "engine.one-more",
      what: `one more instance, from start to end, beside ${MANY} that wait (${ours.toFixed(1)} ms), to one beside ${FEW}`,
      value: ours / baseline,
      unit: "x",
      baseline: `${baseline.toFixed(1)} ms`,
      goal: { atMost: 1.1 },
    });
  } finally {
    await Promise.all([few.stop(), many.stop()]);
  }
}

async function cost(stack: Stack, api: DurableApi, instanceId: string): Promise<number> {
  const begin = performance.now();
  await api.start("waits", instanceId);
  await stack.settle();
  await api.raise(instanceId, "Bell");
  await stack.settle();
  return performance.now() - begin;
}
