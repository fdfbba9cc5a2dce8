import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const DEMO = resolve(import.meta.dirname, "../../demo/main.ts");
const directory = mkdtempSync(join(tmpdir(), "zero-standing-demo-test-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Report {
  readonly held: boolean;
  readonly total: number;
  readonly promises: readonly { readonly id: string; readonly held: boolean; readonly evidence: unknown }[];
}

const demo = (...words: readonly string[]): Promise<{ readonly exitCode: number | null; readonly output: string }> =>
  new Promise((answer) => {
    const child = execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", DEMO, ...words],
      (_, stdout, stderr) => answer({ exitCode: child.exitCode, output: stdout + stderr }),
    );
  });

describe("the demo", () => {
  it("tells every scene, finds every promise held, and reports them", async () => {
    const file = join(directory, "report.json");
    const { exitCode, output } = await demo("--report", file);
    const report = JSON.parse(readFileSync(file, "utf8")) as Report;
    expect(report.promises.filter(({ held }) => !held)).toEqual([]);
    expect([...new Set(report.promises.map(({ id }) => id.split("/")[0]))]).toEqual([
      "global-administrator",
      "ticket-closed",
      "four-eyes",
      "bad-tickets",
      "fifty-copies",
      "forged-approval",
      "link-scanner",
      "killed-host",
      "message-request",
      "ten-thousand-copies",
      "poison-messages",
      "broker-away",
      "standing-access",
      "access-review",
      "audit-trail",
    ]);
    expect(report.total).toBeGreaterThanOrEqual(59);
    expect(report.held).toBe(true);
    expect(exitCode).toBe(0);
    expect(output).toContain(`All ${report.total} promises held`);
    // eslint-disable-next-line no-control-regex -- colours are exactly what must not be there in a pipe
    expect(output).not.toMatch(/\u001b/);
  });

  it("refuses words it does not know", async () => {
    expect((await demo("--nonsense")).exitCode).toBe(2);
  });
});
