import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compilePolicy } from "../shared/config/compiled-policy.ts";
import { billOfMaterials, type Lock } from "./bill-of-materials.ts";
import { PROJECT, bundleApp } from "./bundle.ts";

const DIST = join(PROJECT, "dist");

/** Writes `dist/` anew: the code, its source maps beside it, the checked policy and the bill of materials. @throws PolicyError */
export async function writeBuild(): Promise<void> {
  const { policyChecker, code, sourceMaps, modules } = await bundleApp();
  const lock = JSON.parse(readFileSync(join(PROJECT, "package-lock.json"), "utf8")) as Lock;
  rmSync(DIST, { recursive: true, force: true });
  for (const [name, content] of code) write(`functions/${name}`, content);
  for (const [name, content] of sourceMaps) write(`maps/${name}`, content);
  write("sbom.cdx.json", `${JSON.stringify(billOfMaterials(modules, lock), null, 1)}\n`);
  write("policy.json", await compilePolicy(join(PROJECT, "policy"), policyChecker));
}

function write(name: string, content: Uint8Array | string): void {
  const file = join(DIST, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
