import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openIncident, newestLink, stepUp, type DrivenStack } from "./activations.ts";
import type { Benchmark, Session } from "./benchmark.ts";
import { residentOf } from "./program.ts";
import { toRow } from "./row.ts";
import { median } from "./statistics.ts";

const PROJECT = resolve(import.meta.dirname, "..");
const STARTS = 5;
const ACTIVATIONS = 3;
const SAMPLE_EVERY_MS = 25;
const MEGABYTE = 1_000_000;
const PEOPLE = ["ben.okafor", "grace.oduya", "kira.sato"];

/** `npm start`, from the command to the word that it is ready, and what its processes hold during activations. */
export const stack: Benchmark = {
  id: "stack",
  async run(session) {
    const samples = [];
    for (let start = 0; start < STARTS; start++) samples.push(await startOnce(session));
    session.keep(this.id, samples);
    return [
      toRow({
        id: "stack.ready",
        what: `the whole local stack is ready, median of ${STARTS} starts`,
        value: median(samples.map(({ readyMs }) => readyMs)) / 1_000,
        unit: "s",
        goal: { atMost: 6 },
      }),
      toRow({
        id: "stack.memory",
        what: `most that its processes hold together during ${ACTIVATIONS} activations, median of ${STARTS} starts`,
        value: median(samples.map(({ residentBytes }) => residentBytes)) / MEGABYTE,
        unit: "MB",
        goal: { atMost: 700 },
      }),
    ];
  },
};

async function startOnce(session: Session): Promise<{ readonly readyMs: number; readonly residentBytes: number }> {
  const data = session.directory("stack");
  const begin = performance.now();
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "local/main.ts", "--data", data], {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await saysReady(child);
    const readyMs = performance.now() - begin;
    const { pids, ...file } = JSON.parse(readFileSync(join(data, "stack.json"), "utf8")) as StackFile;
    let residentBytes = 0;
    const sample = (): void => {
      residentBytes = Math.max(residentBytes, residentOf(Object.values(pids)));
    };
    const timer = setInterval(sample, SAMPLE_EVERY_MS);
    try {
      for (const person of PEOPLE.slice(0, ACTIVATIONS)) await activate(overControl(file), person);
    } finally {
      clearInterval(timer);
    }
    sample();
    return { readyMs, residentBytes };
  } finally {
    await ended(child);
  }
}

interface StackFile {
  readonly app: string;
  readonly control: string;
  readonly pids: Readonly<Record<string, number>>;
}

const saysReady = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.includes("is ready")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`the stack ended with ${code ?? "a signal"} before it was ready`)));
  });

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

async function activate(driven: DrivenStack, person: string): Promise<void> {
  await openIncident(driven, person, "Helpdesk Administrator");
  await stepUp(await newestLink(driven, person), person);
  await driven.settle();
}

/** The stack of another process, driven through its control API. */
function overControl({ app, control }: Omit<StackFile, "pids">): DrivenStack {
  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${control}${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };
  return {
    addresses: { app },
    call: (part, operation, parameters = {}) => post(`/parts/${part}/${operation}`, parameters),
    settle: async () => {
      await post("/settle", {});
    },
  };
}
