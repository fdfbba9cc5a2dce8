import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], extra: Record<string, unknown> = {}) => ({
  test: { name, include, testTimeout: 30_000, hookTimeout: 60_000, ...extra },
});

const SEED = ["tests/support/property-seed.ts"];

// Node keeps what it compiled: the test processes, and the programs that they start, load it from there.
process.env["NODE_COMPILE_CACHE"] ??= resolve(import.meta.dirname, ".local/compile-cache");

// Against a given stack suites take turns, and those stay out that start programs of their own and would not see it.
const BASE_URL = process.env["ZS_BASE_URL"];
const OWN_PROGRAMS = ["app-start", "demo", "func", "package"].map((name) => `tests/e2e/${name}.test.ts`);

/** `npm test` runs unit, contract and e2e; `npm run test:long` runs the files named `*.long.test.ts`. */
export default defineConfig({
  test: {
    // Test files against a namespace that is given share its queues.
    maxWorkers: process.env["SERVICEBUS_CONNECTION_STRING"] === undefined && BASE_URL === undefined ? 2 : 1,
    projects: [
      project("unit", ["tests/{unit,orchestrations}/**/*.test.ts"], {
        exclude: ["**/*.long.test.ts"],
        setupFiles: SEED,
        isolate: false,
      }),
      project("contract", ["tests/contract/**/*.test.ts"], {
        exclude: ["**/*.long.test.ts"],
        setupFiles: SEED,
        isolate: false,
      }),
      project("e2e", ["tests/e2e/**/*.test.ts"], {
        exclude: ["**/*.long.test.ts", ...(BASE_URL === undefined ? [] : OWN_PROGRAMS)],
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: "tests/support/global-setup.ts",
      }),
      project("long", ["tests/**/*.long.test.ts"], {
        testTimeout: 900_000,
        hookTimeout: 120_000,
        fileParallelism: false,
        globalSetup: "tests/support/global-setup.ts",
      }),
    ],
  },
});
