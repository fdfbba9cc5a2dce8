import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const CHURN = join(import.meta.dirname, "../support/churn.ts");

function mostOf(...words: readonly string[]): number {
  const printed = execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", CHURN, ...words]);
  return (JSON.parse(printed.toString()) as { readonly most: number }).most;
}

describe("this version of V8", () => {
  it("keeps garbage as small as it is told while it runs", () => {
    expect(mostOf("bounded")).toBeLessThan((2 / 3) * mostOf());
  });
});
