import { readFileSync } from "node:fs";
import Module from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** `load-app.ts FILE`: loads an app in this fresh process as the Node worker does, and prints what that took. */
const [file = ""] = process.argv.slice(2);
let registered = 0;

const core = {
  version: "3.14.1",
  hostVersion: "4.1049.0",
  registerFunction: () => {
    registered++;
  },
  registerHook: () => undefined,
  setProgrammingModel: () => undefined,
  getProgrammingModel: () => undefined,
  log: () => undefined,
};
const original = Reflect.get(Module.prototype, "require") as (this: Module, id: string) => unknown;
Module.prototype.require = function (this: Module, id: string): unknown {
  return id === "@azure/functions-core" ? core : original.call(this, id);
} as NodeJS.Require;

// So that the sources take the checked policy as the bundle does, and both load the same.
const policy = readFileSync(resolve(import.meta.dirname, "../dist/policy.json"), "utf8");
Reflect.set(globalThis, "POLICY_CHECKER", (JSON.parse(policy) as { readonly checker: string }).checker);

const before = performance.now();
await import(pathToFileURL(file).href);
const loadMs = performance.now() - before;
process.stdout.write(JSON.stringify({ loadMs, residentBytes: process.memoryUsage.rss(), registered }));
