import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ACTIVATION, AN_EXPORT, fileOf } from "../../support/audit-file.ts";
import { emptyFolder, runZs } from "../../support/run-zs.ts";

function fileWith(content: Buffer): string {
  const path = join(emptyFolder(), "audit.jsonl");
  writeFileSync(path, content);
  return path;
}

const whole = fileOf(AN_EXPORT);
const broken = fileOf(AN_EXPORT.toSpliced(1, 1));

describe("zs audit verify", () => {
  it("needs no settings and no sign-in, and answers 0 for a sound trail", async () => {
    const { exitCode, stdout, stderr } = await runZs(["audit", "verify", fileWith(whole)]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/: sound\n {2}8 records in 3 chains, 1 grant, /);
  });

  it("answers 1 and names the first bad record of each file", async () => {
    const [good, bad] = [fileWith(whole), fileWith(broken)];
    const { exitCode, stdout, stderr } = await runZs(["audit", "verify", good, bad]);
    const where = `line 2, record 3 of ${ACTIVATION}: number 2 is missing or out of order`;
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`first bad record: ${where}`);
    expect(stderr).toBe(`zs: verification failed: ${bad} ${where}\n`);
  });

  it("reads standard input", async () => {
    const { exitCode, stdout } = await runZs(["audit", "verify", "-"], { input: whole.toString() });
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^-: sound/) as string });
  });

  it("reports as JSON, with the same exit code", async () => {
    const file = fileWith(broken);
    const { exitCode, stdout, stderr } = await runZs(["audit", "verify", file, "--json"]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([{ file, firstBad: { line: 2, subject: ACTIVATION, sequence: 3 } }]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "VerificationFailed", exitCode: 1 } });
  });

  it("shows nothing of a hostile file that a terminal would obey", async () => {
    const text = whole.toString().replace(`"subject":"${ACTIVATION}"`, String.raw`"subject":"\u001b[2J‮"`);
    const { stdout } = await runZs(["audit", "verify", fileWith(Buffer.from(text))]);
    expect(stdout).toContain(String.raw`\u{1b}[2J\u{202e}`);
  });
});
