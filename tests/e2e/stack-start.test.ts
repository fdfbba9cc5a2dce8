import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { useStack } from "../support/stack.ts";

const READY_WITHIN_MS = 6_000;
const MOST_MEMORY_MB = 700;

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

describe("the whole local stack", () => {
  const begunAt = performance.now();
  let readyAt = Number.NaN;
  const stack = useStack({}, () => (readyAt = performance.now()));

  it("is ready within six seconds", () => {
    expect(readyAt - begunAt).toBeLessThan(READY_WITHIN_MS);
  });

  it("runs the built app", async () => {
    expect((await fetch(`${stack().addresses.app}/api/health`)).status).toBe(200);
  });

  it.runIf(existsSync("/proc/self/status"))("takes less than 700 MB", () => {
    const pids = Object.values(stack().describe().processes).flatMap(({ pid }) => (pid === null ? [] : [pid]));
    expect(pids).toHaveLength(3);
    expect(pids.reduce((sum, pid) => sum + residentMb(pid), residentMb(process.pid))).toBeLessThan(MOST_MEMORY_MB);
  });
});
