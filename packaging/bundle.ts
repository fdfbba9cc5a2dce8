import { createRequire } from "node:module";
import { join, relative, resolve } from "node:path";
import { build, type BuildOptions, type BuildResult } from "esbuild";
import { sha256Hex } from "../shared/crypto/digest.ts";
import { DEFERRED, STAND_IN, deferred, deferredFile } from "./deferred.ts";

export const PROJECT = resolve(import.meta.dirname, "..");

export interface BundledModule {
  /** Of them in the code; 0 where nothing of it is used. */
  readonly bytes: number;
  readonly imports: readonly string[];
}

/** The app's code. The same sources and packages give the same bytes wherever and whenever they are bundled. */
export interface Bundle {
  /** Names the code that checks policies. */
  readonly policyChecker: string;
  /** By name beside the entry `index.js`. */
  readonly code: ReadonlyMap<string, Uint8Array>;
  /** For each of `code`: what its lines and columns were in the sources. */
  readonly sourceMaps: ReadonlyMap<string, Uint8Array>;
  /** Every file that was read, by its path below the project. */
  readonly modules: ReadonlyMap<string, BundledModule>;
}

const OUTPUT = "dist/functions";
/** What the worker brings, and what `debug` takes along where one of the tools happens to have it installed. */
const EXTERNAL = ["@azure/functions-core", "supports-color"];
const COMMON = {
  absWorkingDir: PROJECT, // paths stand in comments and decide the names of chunks
  bundle: true,
  platform: "node",
  mainFields: ["module", "main"], // `@azure/service-bus` would otherwise bring second copies of what the other SDKs share
  target: "node24",
  external: EXTERNAL,
  metafile: true,
  sourcesContent: false, // the sources are those of the commit
  write: false,
  logLevel: "warning",
  minifyWhitespace: true, // Node keeps the text of what it runs in memory
} satisfies BuildOptions;
type Result = BuildResult<typeof COMMON>;

/** One entry chunk with lazy chunks for the heavy SDKs. */
export async function bundleApp(): Promise<Bundle> {
  const policyChecker = await nameOfPolicyChecker();
  const app = await build({
    ...COMMON,
    entryPoints: ["functions/index.ts"],
    outdir: OUTPUT,
    splitting: true,
    format: "esm",
    sourcemap: "external",
    chunkNames: "[name]-[hash]",
    define: { POLICY_CHECKER: JSON.stringify(policyChecker) },
    // Packages in the older module format ask for Node's own modules with `require`.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    plugins: [deferred],
  });
  refuseSecondCopy(app);
  const later = await Promise.all([...DEFERRED.keys()].map(bundleDeferred));
  const files = [app, ...later].flatMap(({ outputFiles }) => outputFiles);
  const named = (maps: boolean): ReadonlyMap<string, Uint8Array> =>
    new Map(
      files
        .filter(({ path }) => path.endsWith(".map") === maps)
        .map(({ path, contents }) => [relative(join(PROJECT, OUTPUT), path), contents]),
    );
  return { policyChecker, code: named(false), sourceMaps: named(true), modules: modulesOf([app, ...later]) };
}

/** Whatever changes in the checks, in their packages or in what they state, changes the name. */
async function nameOfPolicyChecker(): Promise<string> {
  const { outputFiles } = await build({ ...COMMON, entryPoints: ["shared/config/policy-file.ts"], format: "esm" });
  return sha256Hex(outputFiles.map(({ text }) => text).join(""));
}

/** A second copy would register its functions where the worker does not look. */
function refuseSecondCopy({ metafile }: Result): void {
  const copies = new Set(
    Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/@azure\/functions\//.exec(file) ?? []),
  );
  if (copies.size !== 1) throw new Error(`copies of @azure/functions in the bundle: ${[...copies].join(", ")}`);
}

const bundleDeferred = (name: string): Promise<Result> =>
  build({
    ...COMMON,
    entryPoints: [entryOf(name)],
    outfile: `${OUTPUT}/${deferredFile(name)}`,
    format: "cjs",
    sourcemap: "external",
    plugins: [deferred],
  });

const entryOf = (name: string): string => relative(PROJECT, fileOf(name));

/** The copy that the package that asks for it gets. */
function fileOf(name: string): string {
  const by = DEFERRED.get(name);
  return createRequire(by === undefined ? join(PROJECT, "package.json") : fileOf(by)).resolve(name);
}

function modulesOf(results: readonly Result[]): ReadonlyMap<string, BundledModule> {
  const real = new Map([...DEFERRED.keys()].map((name) => [`${STAND_IN}:${name}`, entryOf(name)]));
  const bytes = new Map<string, number>();
  for (const output of results.flatMap(({ metafile }) => Object.values(metafile.outputs)))
    for (const [file, { bytesInOutput }] of Object.entries(output.inputs))
      bytes.set(file, (bytes.get(file) ?? 0) + bytesInOutput);
  const inputs = results.flatMap(({ metafile }) => Object.entries(metafile.inputs));
  return new Map(
    inputs
      .filter(([file]) => !real.has(file))
      .map(([file, { imports }]) => [
        file,
        { bytes: bytes.get(file) ?? 0, imports: imports.map(({ path }) => real.get(path) ?? path) },
      ]),
  );
}
