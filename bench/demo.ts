import { spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { toRow } from "./row.ts";

const PROJECT = resolve(import.meta.dirname, "..");

/** The demo of the built app, start of its stack included. */
export const demo: Benchmark = {
  id: "demo",
  async run(session) {
    const begin = performance.now();
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "demo/main.ts"], {
      cwd: PROJECT,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("exit", resolve);
    });
    if (code !== 0) throw new Error(`the demo ended with ${code ?? "a signal"}`);
    const seconds = (performance.now() - begin) / 1_000;
    session.keep(this.id, { seconds });
    return [toRow({ id: "demo.time", what: "the whole demo", value: seconds, unit: "s", goal: { atMost: 60 } })];
  },
};
