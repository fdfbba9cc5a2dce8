import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bicep, findBicep } from "../../infra/check/bicep.ts";
import { compileAll, snapshot } from "../../infra/check/compile.ts";
import { lintAll } from "../../infra/check/lint.ts";
import { ENVIRONMENT, REFUSED } from "../../infra/check/scenarios.ts";
import { compiledFile } from "../../infra/check/sources.ts";

const found = findBicep();
const reason = "missing" in found ? ` (skipped: ${found.missing})` : "";
const TIMEOUT_MS = 180_000;

describe.skipIf("missing" in found)(`the Bicep files${reason}`, () => {
  let bicep: Bicep;
  beforeAll(() => {
    if ("program" in found) bicep = new Bicep(found.program, ENVIRONMENT);
  });
  afterAll(() => bicep.close());

  it("compile without a warning", { timeout: TIMEOUT_MS }, async () => {
    expect(await lintAll(bicep)).toEqual([]);
  });

  it("give, byte for byte, what is kept in infra/compiled", { timeout: TIMEOUT_MS }, async () => {
    const stale = [...(await compileAll(bicep))].filter(([name, text]) => compiledFile(name) !== text);
    expect(stale.map(([name]) => `${name} is stale: npm run infra:compile`)).toEqual([]);
  });

  it.each(Object.entries(REFUSED))("refuse %s before anything is made", { timeout: TIMEOUT_MS }, async (_what, one) => {
    const refusal = await snapshot(bicep, one.change).catch((error: unknown) => String(error));
    for (const says of one.says) expect(refusal).toMatch(says);
  });
});
