import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Benchmark, Session } from "./benchmark.ts";
import { broker } from "./broker.ts";
import { callbackToGrant } from "./callback-to-grant.ts";
import { coldLoad } from "./cold-load.ts";
import { demo } from "./demo.ts";
import { engine } from "./engine.ts";
import { idle } from "./idle.ts";
import { messageToStart } from "./message-to-start.ts";
import { packageSize } from "./package.ts";
import { review } from "./review.ts";
import { rowText, type Row } from "./row.ts";
import { stack } from "./stack.ts";
import { storageOperations } from "./storage-operations.ts";
import { trigger } from "./trigger.ts";

const BENCHMARKS: readonly Benchmark[] = [
  packageSize,
  coldLoad,
  callbackToGrant,
  engine,
  storageOperations,
  idle,
  broker,
  trigger,
  messageToStart,
  review,
  stack,
  demo,
];
const KEPT = resolve(import.meta.dirname, "../.bench");
const USAGE = `npm run bench -- [--only ID] [--json FILE]   ID: ${BENCHMARKS.map(({ id }) => id).join(", ")}`;

await main();

/** Ends with an error only if a benchmark could not run: a goal that is not met is a result like any other. */
async function main(): Promise<void> {
  const options = readArguments();
  if (!options) return;
  const rows: Row[] = [];
  const session = newSession();
  for (const benchmark of options.benchmarks) {
    try {
      const measured = await benchmark.run(session);
      rows.push(...measured);
      console.log(measured.map(rowText).join("\n"));
    } catch (error) {
      console.error(
        `could not run  ${benchmark.id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      process.exitCode = 1;
    }
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
}

function readArguments(): { readonly benchmarks: readonly Benchmark[]; readonly json: string | undefined } | undefined {
  try {
    const { values } = parseArgs({ options: { json: { type: "string" }, only: { type: "string" } } });
    const benchmarks = BENCHMARKS.filter(({ id }) => values.only === undefined || id === values.only);
    if (benchmarks.length > 0) return { benchmarks, json: values.json };
    console.error(`there is no benchmark ${values.only ?? ""}\n${USAGE}`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
  process.exitCode = 2;
  return undefined;
}

function newSession(): Session {
  const data = join(KEPT, "data");
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  return {
    keep: (name, samples) => writeFileSync(join(KEPT, `${name}.json`), `${JSON.stringify(samples, null, 1)}\n`),
    directory: (name) => mkdtempSync(join(data, `${name}-`)),
  };
}
