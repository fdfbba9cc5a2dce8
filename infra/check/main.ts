import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Bicep, findBicep } from "./bicep.ts";
import { compileAll } from "./compile.ts";
import { lintAll } from "./lint.ts";
import { ENVIRONMENT } from "./scenarios.ts";
import { COMPILED, compiledFile } from "./sources.ts";

/**
 * `npm run infra:check`: every Bicep file compiles without a warning, and what is kept in `infra/compiled` is what comes of
 * them. `npm run infra:compile` writes it anew.
 */
const found = findBicep();
if ("missing" in found) {
  console.error(`Bicep cannot be had: ${found.missing}`);
  process.exit(1);
}
const bicep = new Bicep(found.program, ENVIRONMENT);
try {
  const complaints = [...(await lintAll(bicep))];
  const files = complaints.length > 0 ? new Map<string, string>() : await compileAll(bicep);
  for (const [name, text] of files)
    if (process.argv.includes("--write")) {
      mkdirSync(COMPILED, { recursive: true });
      writeFileSync(join(COMPILED, name), text);
    } else if (text !== compiledFile(name)) complaints.push(`compiled/${name} is stale: npm run infra:compile`);
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length > 0 ? 1 : 0;
} finally {
  await bicep.close();
}
