import type { Plugin } from "esbuild";

/**
 * What `durable-functions` loads at once and needs only to call the task hub or to make a timer, a third of a cold start;
 * and what its axios needs only for forms, the list of all media types with it. Each with the package that asks for it.
 */
export const DEFERRED: ReadonlyMap<string, string> = new Map([
  ["axios", "durable-functions"],
  ["form-data", "axios"],
  ["lodash/cloneDeep", "durable-functions"],
  ["moment", "durable-functions"],
  ["validator", "durable-functions"],
]);

/** The namespace of the stand-ins, before the name of the module that each stands for. */
export const STAND_IN = "deferred";

/** The file beside the entry that holds the real one. */
export const deferredFile = (name: string): string => `${name.replaceAll("/", "-")}.cjs`;

/**
 * Such a dependency has a file of its own beside the entry, which is read when its first member is used. See
 * docs/decisions/0014-cold-start.md.
 */
export const deferred: Plugin = {
  name: STAND_IN,
  setup(builder) {
    builder.onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) =>
      kind === "require-call" && DEFERRED.has(path) && importer.includes(`/node_modules/${DEFERRED.get(path)}/`)
        ? { path, namespace: STAND_IN }
        : undefined,
    );
    builder.onResolve({ filter: /./, namespace: STAND_IN }, ({ path }) => ({ path, external: true }));
    builder.onLoad({ filter: /.*/, namespace: STAND_IN }, ({ path }) => ({
      contents: `
        let loaded;
        const load = () => (loaded ??= require(${JSON.stringify(`./${deferredFile(path)}`)}));
        module.exports = new Proxy(function () {}, {
          get: (_target, key) => load()[key],
          has: (_target, key) => key in load(),
          construct: (_target, args) => Reflect.construct(load(), args),
          apply: (_target, self, args) => Reflect.apply(load(), self, args),
        });`,
    }));
  },
};
