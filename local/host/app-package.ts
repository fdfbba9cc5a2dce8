import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";

/** A built Functions app, as far as its files tell. */
export interface AppPackage {
  readonly directory: string;
  /** Absolute paths of what `main` in package.json names. */
  readonly entryPoints: readonly EntryPoint[];
  readonly hostJson: HostJson;
  /** `Values` of local.settings.json; they yield to the environment. */
  readonly localSettings: Readonly<Record<string, string>>;
}

export interface EntryPoint {
  readonly file: string;
  readonly module: "esm" | "cjs";
}

export interface HostJson {
  readonly extensionBundle?: unknown;
  readonly extensions?: {
    readonly http?: { readonly routePrefix?: string };
    readonly serviceBus?: unknown;
    readonly durableTask?: Readonly<Record<string, unknown>> & { readonly hubName?: string };
  };
}

/** @throws Error with the reason why the platform would show no functions */
export function readAppPackage(path: string): AppPackage {
  const directory = resolve(path);
  if (!existsSync(directory)) throw new Error(`there is no app folder ${directory}`);
  const hostJson = readJson(join(directory, "host.json"));
  if (!hostJson) throw new Error(`host.json is missing in ${directory}`);
  if (hostJson["version"] !== "2.0") throw new Error('host.json must say "version": "2.0"');
  const packageJson = readJson(join(directory, "package.json"));
  if (!packageJson) throw new Error(`package.json is missing in ${directory}`);
  const localSettings = readJson(join(directory, "local.settings.json"))?.["Values"];
  return {
    directory,
    entryPoints: findEntryPoints(directory, packageJson["main"], packageJson["type"]),
    hostJson,
    localSettings: (localSettings ?? {}) as Readonly<Record<string, string>>,
  };
}

/** `main` is a glob pattern; modules load in the order of their names. */
function findEntryPoints(directory: string, main: unknown, type: unknown): EntryPoint[] {
  if (typeof main !== "string" || main === "") throw new Error(`package.json in ${directory} has no "main"`);
  const files = globSync(main, { cwd: directory })
    .map((file) => join(directory, file))
    .filter((file) => statSync(file).isFile())
    .sort();
  if (files.length > 0) return files.map((file) => ({ file, module: moduleKind(file, type) }));
  const reason = /[*?[{]/.test(main) ? "Found zero files matching the supplied pattern" : "File does not exist";
  throw new Error(`Worker was unable to load entry point "${main}": ${reason}`);
}

function moduleKind(file: string, type: unknown): EntryPoint["module"] {
  const extension = extname(file);
  return extension === ".mjs" || (extension !== ".cjs" && type === "module") ? "esm" : "cjs";
}

function readJson(file: string): Record<string, unknown> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`${file} is not JSON`, { cause: error });
  }
}
