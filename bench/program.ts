import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { COMPILE_CACHE } from "../local/stack/stack-process.ts";

const PROJECT = resolve(import.meta.dirname, "..");

/** A process that a benchmark drives. */
export interface Program {
  readonly pid: number;
  /** The first lines that it prints, as many as were asked for. */
  readonly lines: readonly string[];
  /** From the command to the last of these lines. */
  readonly startedMs: number;
  stop(): Promise<void>;
}

interface ProgramOptions {
  readonly words: readonly string[];
  readonly nodeOptions?: readonly string[];
  readonly lines: number;
}

/** Starts a program of this project and waits for its first lines. @throws Error if it ends before */
export async function startProgram({ words, nodeOptions = [], lines }: ProgramOptions): Promise<Program> {
  const begin = performance.now();
  const options = ["--disable-warning=ExperimentalWarning", ...nodeOptions];
  const child = spawn(process.execPath, [...options, ...words], {
    cwd: PROJECT,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE }, // as the stack starts its processes
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = await linesOf(child, lines);
  return {
    pid: child.pid ?? 0,
    lines: printed,
    startedMs: performance.now() - begin,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function linesOf({ stdout, ...child }: ChildProcess, count: number): Promise<readonly string[]> {
  const printed: string[] = [];
  if (!stdout) throw new Error("the program has no output");
  for await (const line of createInterface({ input: stdout })) if (printed.push(line) === count) return printed;
  throw new Error(`${child.spawnfile} ended before it was ready`);
}

/** Resident bytes of processes, as /proc has them; pages that they share count for each. */
export function residentOf(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  return kilobytes.reduce((sum, one) => sum + Number(one ?? 0) * 1_024, 0);
}
