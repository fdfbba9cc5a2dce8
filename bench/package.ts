import { resolve } from "node:path";
import { packageFiles } from "../packaging/package-files.ts";
import { zipOf } from "../packaging/zip.ts";
import type { Benchmark } from "./benchmark.ts";
import { toRow } from "./row.ts";

const MEGABYTE = 1_000_000;

/** The archive that is deployed, of the app as it is built. */
export const packageSize: Benchmark = {
  id: "package",
  async run(session) {
    const files = packageFiles(resolve(import.meta.dirname, ".."));
    const bytes = zipOf(files).length;
    session.keep(this.id, { bytes, files: [...files].map(([path, content]) => ({ path, bytes: content.length })) });
    const value = bytes / MEGABYTE;
    return [
      toRow({ id: "package.size", what: `the package, ${files.size} files`, value, unit: "MB", goal: { atMost: 1.5 } }),
    ];
  },
};
