import { describe, expect, it } from "vitest";
import { bundleApp } from "../../../packaging/bundle.ts";

/** The one file that both formats of a package take from the older one, so that they share what they keep. */
const SHARED_STATE = /\/commonjs\/state(-cjs)?\.js$/;

describe("the bundle", () => {
  it("has one copy of what the SDKs share, though they come in two formats of modules", async () => {
    const used = [...(await bundleApp()).modules].flatMap(([file, { bytes }]) => (bytes > 0 ? [file] : []));
    const core = used.filter((file) => /node_modules\/@azure\/core-[\w-]+\/dist\//.test(file));
    expect(core).toContain("node_modules/@azure/core-rest-pipeline/dist/esm/pipeline.js");
    expect(core.filter((file) => !file.includes("/dist/esm/") && !SHARED_STATE.test(file))).toEqual([]);
  });
});
