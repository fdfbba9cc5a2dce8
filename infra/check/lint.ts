import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bicep, Diagnostic } from "./bicep.ts";
import { bicepFiles, INFRA } from "./sources.ts";

/** What is deployed by itself; modules are compiled with what uses them. */
const ROOTS = ["entra-logs.bicep", "main.bicep"];

/** What Bicep and its linter say about each file; a warning is as good as an error. Nothing = fine. */
export async function lintAll(bicep: Bicep): Promise<readonly string[]> {
  const diagnostics: Diagnostic[] = [];
  for (const file of ROOTS) diagnostics.push(...(await bicep.compile(join(INFRA, file))).diagnostics);
  diagnostics.push(...(await bicep.compileParams(join(INFRA, "main.bicepparam"))));
  const complaints = diagnostics.map(
    ({ source, level, code, message }) => `${source.replace(INFRA, "infra")}: ${level} ${code}: ${message}`,
  );
  for (const file of [...bicepFiles(), "main.bicepparam"])
    if ((await bicep.format(join(INFRA, file))) !== readFileSync(join(INFRA, file), "utf8"))
      complaints.push(`infra/${file}: is not laid out as bicep format does it`);
  return complaints;
}
