import { rmSync, writeFileSync } from "node:fs";
import { build, type Plugin } from "esbuild";
import { compilePolicy } from "./shared/config/compiled-policy.ts";

/**
 * `npm run build`: the function app as one entry chunk with lazy chunks for the heavy SDKs, in `dist/functions`, and
 * the checked policy in `dist/policy.json`. A wrong policy fails the build with its lines.
 * `@azure/functions-core` is the worker's own and must stay outside.
 */

/** What `durable-functions` loads at once and needs only to call the task hub or to make a timer: a third of a cold start. */
const DEFERRED = ["axios", "lodash/cloneDeep", "moment", "validator"];

/** Such a dependency is evaluated when its first member is used. See docs/decisions/0014-cold-start.md. */
const deferred: Plugin = {
  name: "deferred",
  setup(builder) {
    builder.onResolve({ filter: /^[a-z]/ }, ({ path, importer, resolveDir, kind }) =>
      kind === "require-call" && DEFERRED.includes(path) && importer.includes("/node_modules/durable-functions/")
        ? { path, namespace: "deferred", pluginData: resolveDir }
        : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: "deferred" }, ({ path, pluginData }) => ({
      resolveDir: pluginData as string,
      contents: `
        let loaded;
        const load = () => (loaded ??= require(${JSON.stringify(path)}));
        module.exports = new Proxy(() => undefined, {
          get: (_target, key) => load()[key],
          has: (_target, key) => key in load(),
          apply: (_target, self, args) => Reflect.apply(load(), self, args),
        });`,
    }));
  },
};

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: ["functions/index.ts"],
  outdir: "dist/functions",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  chunkNames: "chunks/[name]-[hash]",
  external: ["@azure/functions-core"],
  // Packages in the older module format ask for Node's own modules with `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [deferred],
  logLevel: "warning",
});

writeFileSync("dist/policy.json", await compilePolicy("policy"));
