import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { compilePolicy } from "./shared/config/compiled-policy.ts";

/**
 * `npm run build`: the function app as one entry chunk with lazy chunks for the heavy SDKs, in `dist/functions`, and
 * the checked policy in `dist/policy.json`. A wrong policy fails the build with its lines.
 * `@azure/functions-core` is the worker's own and must stay outside.
 */

/** What `durable-functions` loads at once and needs only to call the task hub or to make a timer: a third of a cold start. */
const DEFERRED = ["axios", "lodash/cloneDeep", "moment", "validator"];

/**
 * Such a dependency has a file of its own beside the entry, which is read when its first member is used. See
 * docs/decisions/0014-cold-start.md.
 */
const deferred: Plugin = {
  name: "deferred",
  setup(builder) {
    builder.onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) =>
      kind === "require-call" && DEFERRED.includes(path) && importer.includes("/node_modules/durable-functions/")
        ? { path, namespace: "deferred" }
        : undefined,
    );
    builder.onResolve({ filter: /./, namespace: "deferred" }, ({ path }) => ({ path, external: true }));
    builder.onLoad({ filter: /.*/, namespace: "deferred" }, ({ path }) => ({
      contents: `
        let loaded;
        const load = () => (loaded ??= require(${JSON.stringify(`./${fileOf(path)}`)}));
        module.exports = new Proxy(() => undefined, {
          get: (_target, key) => load()[key],
          has: (_target, key) => key in load(),
          apply: (_target, self, args) => Reflect.apply(load(), self, args),
        });`,
    }));
  },
};

const fileOf = (name: string): string => `${name.replaceAll("/", "-")}.cjs`;

const OUTPUT = "dist/functions";
rmSync("dist", { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ["functions/index.ts"],
  metafile: true,
  outdir: OUTPUT,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  chunkNames: "[name]-[hash]",
  external: ["@azure/functions-core"],
  // Packages in the older module format ask for Node's own modules with `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [deferred],
  logLevel: "warning",
});

// A second copy would register its functions where the worker does not look.
const copies = new Set(
  Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/@azure\/functions\//.exec(file) ?? []),
);
if (copies.size !== 1) throw new Error(`copies of @azure/functions in the bundle: ${[...copies].join(", ")}`);

const require = createRequire(resolve("node_modules/durable-functions/package.json"));
await Promise.all(
  DEFERRED.map((name) =>
    build({
      entryPoints: [require.resolve(name)],
      outfile: `${OUTPUT}/${fileOf(name)}`,
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "node24",
      logLevel: "warning",
    }),
  ),
);

writeFileSync("dist/policy.json", await compilePolicy("policy"));
