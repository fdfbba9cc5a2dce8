import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { appEnvironment, settingsTemplate } from "../local/stack/app-settings.ts";
import { partSettings, readRights } from "../local/stack/parts.ts";
import { addressesOf, choosePorts, STORAGE_ACCOUNT } from "../local/stack/ports.ts";
import { SecretStore } from "../local/stack/secrets.ts";
import type { Benchmark, Session } from "./benchmark.ts";
import { growthByFirstActivation, type Growths } from "./first-activation.ts";
import { toRow, type Row } from "./row.ts";
import { interleaved, median } from "./statistics.ts";

const PROJECT = resolve(import.meta.dirname, "..");
const ROUNDS = 7;
const ACTIVATIONS = 5;
const MEGABYTE = 1_000_000;
/** What one function app runs of the app; `all` is one function app for everything. */
const PARTS = ["all", "front", "worker", "sweeper"] as const;
type Part = (typeof PARTS)[number];
type Subject = "empty" | `${"built" | "unbundled"} ${Part}`;

interface Load {
  readonly loadMs: number;
  readonly residentBytes: number;
  readonly registered: number;
}
type Samples = Readonly<Record<Subject, readonly Load[]>>;

/** Load and register, each time in a fresh process, with the settings of the local stack. */
export const coldLoad: Benchmark = {
  id: "cold-load",
  async run(session) {
    const environment = await environmentOf(session);
    const { main } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as { readonly main: string };
    const subject = (file: string, part: Part) => () =>
      load(join(PROJECT, file), part === "all" ? environment : partSettings(part, environment, RIGHTS));
    const ofParts = PARTS.flatMap((part) => [
      [`built ${part}`, subject(main, part)],
      [`unbundled ${part}`, subject("functions/index.ts", part)],
    ]);
    const subjects = {
      empty: subject("bench/apps/empty/app.js", "all"),
      ...Object.fromEntries(ofParts),
    } as Readonly<Record<Subject, () => Promise<Load>>>;
    await interleaved(1, subjects); // the files are in the page cache for all of them
    const samples = await interleaved(ROUNDS, subjects);
    const growths = await interleaved(ACTIVATIONS, {
      split: () => growthByFirstActivation(session, "split"),
      single: () => growthByFirstActivation(session, "single"),
    });
    session.keep(this.id, { samples, growths });
    return [
      ...PARTS.flatMap((part) => rowsOf(part, samples)),
      ...PARTS.map((part) => rowAfterActivation(part, samples, part === "all" ? growths.single : growths.split)),
    ];
  },
};

/** A start signs nothing and asks nobody: any key does. */
const RIGHTS = {
  rights: readRights(PROJECT),
  storage: { account: STORAGE_ACCOUNT, key: "c2VjcmV0", tableUrl: `http://127.0.0.1/${STORAGE_ACCOUNT}` },
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

const timeOf = (loads: readonly Load[]): number => median(loads.map(({ loadMs }) => loadMs));
const sizeOf = (loads: readonly Load[]): number => median(loads.map(({ residentBytes }) => residentBytes)) / MEGABYTE;

const ratio = (id: string, what: string, ours: number, other: number, unit: string, atMost?: number): Row =>
  toRow({
    id: `cold-load.${id}`,
    what: `${what} (${ours.toFixed(0)} ${unit})`,
    value: ours / other,
    unit: "x",
    baseline: `${other.toFixed(0)} ${unit}`,
    ...(atMost === undefined ? {} : { goal: { atMost } }),
  });

function rowsOf(part: Part, samples: Samples): readonly Row[] {
  const [built, ownUnbundled] = [samples[`built ${part}`], samples[`unbundled ${part}`]];
  const { "unbundled all": unbundled, empty } = samples;
  const [id, name] = part === "all" ? ["", "the app"] : [`${part}.`, `the ${part}`];
  return [
    ratio(
      `${id}time-to-empty`,
      `load and register ${name}, to an empty Durable app`,
      timeOf(built),
      timeOf(empty),
      "ms",
      0.9,
    ),
    ratio(
      `${id}time-to-unbundled`,
      `load and register ${name}, to our own app unbundled`,
      timeOf(built),
      timeOf(unbundled),
      "ms",
      0.3,
    ),
    ...(part === "all"
      ? []
      : [
          ratio(
            `${id}time-to-own-unbundled`,
            `load and register ${name}, to the same part unbundled`,
            timeOf(built),
            timeOf(ownUnbundled),
            "ms",
          ),
        ]),
    ratio(
      `${id}memory-to-empty`,
      `resident after the load of ${name}, to an empty Durable app`,
      sizeOf(built),
      sizeOf(empty),
      "MB",
      1,
    ),
  ];
}

/**
 * The growth is that of the process that runs the part in the local stack, garbage with it: what the host itself needs more
 * counts as ours.
 */
function rowAfterActivation(part: Part, samples: Samples, growths: readonly Growths[]): Row {
  const [id, name] = part === "all" ? ["", "the app in one process"] : [`${part}.`, `the ${part}`];
  const growth = median(growths.map((one) => one[part === "all" ? "host" : part] ?? 0));
  return ratio(
    `${id}memory-after-activation`,
    `resident after the load of ${name} and the first activation, to an empty Durable app after its load`,
    sizeOf(samples[`built ${part}`]) + growth / MEGABYTE,
    sizeOf(samples.empty),
    "MB",
    1.5,
  );
}
