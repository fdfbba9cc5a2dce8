import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { appEnvironment, settingsTemplate } from "../local/stack/app-settings.ts";
import { addressesOf, choosePorts } from "../local/stack/ports.ts";
import { SecretStore } from "../local/stack/secrets.ts";
import type { Benchmark, Session } from "./benchmark.ts";
import { toRow, type Row } from "./row.ts";
import { interleaved, median } from "./statistics.ts";

const PROJECT = resolve(import.meta.dirname, "..");
const ROUNDS = 11;
const MEGABYTE = 1_000_000;

interface Load {
  readonly loadMs: number;
  readonly residentBytes: number;
  readonly registered: number;
}

/** Load and register, each time in a fresh process, with the settings of the local stack. */
export const coldLoad: Benchmark = {
  id: "cold-load",
  async run(session) {
    const environment = await environmentOf(session);
    const { main } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as { readonly main: string };
    const subject = (file: string) => () => load(join(PROJECT, file), environment);
    const subjects = {
      built: subject(main),
      empty: subject("bench/apps/empty/app.js"),
      unbundled: subject("functions/index.ts"),
    };
    await interleaved(1, subjects); // the files are in the page cache for all of them
    const samples = await interleaved(ROUNDS, subjects);
    session.keep(this.id, samples);
    return rowsOf(samples);
  },
};

async function environmentOf(session: Session): Promise<Record<string, string>> {
  const directory = session.directory("cold-load");
  const secrets = new SecretStore(join(directory, "secrets.json"));
  const addresses = addressesOf(await choosePorts(undefined), {
    storage: secrets.secret("storageKey"),
    serviceBus: secrets.secret("serviceBusKey"),
  });
  return appEnvironment(settingsTemplate(PROJECT, PROJECT), { addresses, dataDirectory: directory, secrets });
}

async function load(file: string, environment: Readonly<Record<string, string>>): Promise<Load> {
  const loader = join(import.meta.dirname, "load-app.ts");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", loader, file],
    {
      cwd: PROJECT,
      env: environment,
    },
  );
  const loaded = JSON.parse(stdout) as Load;
  if (loaded.registered === 0) throw new Error(`${file} registered no function`);
  return loaded;
}

function rowsOf(samples: Record<"built" | "empty" | "unbundled", readonly Load[]>): readonly Row[] {
  const times = (loads: readonly Load[]): number => median(loads.map(({ loadMs }) => loadMs));
  const sizes = (loads: readonly Load[]): number => median(loads.map(({ residentBytes }) => residentBytes)) / MEGABYTE;
  const { built, empty, unbundled } = samples;
  const ratio = (id: string, what: string, ours: number, other: number, unit: string, atMost: number): Row =>
    toRow({
      id: `cold-load.${id}`,
      what: `${what} (${ours.toFixed(0)} ${unit})`,
      value: ours / other,
      unit: "x",
      baseline: `${other.toFixed(0)} ${unit}`,
      goal: { atMost },
    });
  return [
    ratio("time-to-empty", "load and register, to an empty Durable app", times(built), times(empty), "ms", 0.9),
    ratio(
      "time-to-unbundled",
      "load and register, to the same app unbundled",
      times(built),
      times(unbundled),
      "ms",
      0.3,
    ),
    ratio("memory-to-empty", "resident after the load, to an empty Durable app", sizes(built), sizes(empty), "MB", 1),
  ];
}
