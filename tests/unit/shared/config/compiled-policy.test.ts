import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { compilePolicy, loadPolicy } from "../../../../shared/config/compiled-policy.ts";
import { PolicyError, readPolicy } from "../../../../shared/config/policy-file.ts";

const SAMPLE = join(import.meta.dirname, "../../../../policy");
let directory: string;
let compiledFile: string;
const edit = (file: string, from: string, to: string): void => {
  const path = join(directory, file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
};

beforeEach(async () => {
  const home = mkdtempSync(join(tmpdir(), "policy-"));
  directory = join(home, "policy");
  compiledFile = join(home, "policy.json");
  cpSync(SAMPLE, directory, { recursive: true });
  writeFileSync(compiledFile, await compilePolicy(directory));
});

describe("a policy that the build has checked", () => {
  it("is the policy of the files, hash and people included", async () => {
    const texts = ["roles.yaml", "people.yaml"].map((file) => readFileSync(join(SAMPLE, file), "utf8"));
    const fromFiles = readPolicy(texts[0] ?? "", texts[1] ?? "");
    const { policy, people } = await loadPolicy(directory, compiledFile);
    expect(policy).toEqual(fromFiles.policy);
    expect(people.byKey("ada.byron")).toEqual(fromFiles.people.byKey("ada.byron"));
  });

  it("is taken as it is while the files are the same", async () => {
    const compiled = JSON.parse(readFileSync(compiledFile, "utf8")) as { readonly policy: { alertMail: string } };
    compiled.policy.alertMail = "compiled@contoso.example";
    writeFileSync(compiledFile, JSON.stringify(compiled));
    expect((await loadPolicy(directory, compiledFile)).policy.alertMail).toBe("compiled@contoso.example");
  });

  it.each(["roles.yaml", "people.yaml"])("counts for nothing once %s has changed", async (file) => {
    const before = await loadPolicy(directory, compiledFile);
    if (file === "roles.yaml") edit(file, "maximum: PT2H", "maximum: PT1H");
    else edit(file, "name: Ada", "name: Ida");
    const after = await loadPolicy(directory, compiledFile);
    expect(after.policy.hash).not.toBe(before.policy.hash);
    expect(after).toMatchObject({ policy: (await loadPolicy(directory, "nothing compiled")).policy });
  });

  it("does not hide a mistake that was made after the build", async () => {
    edit("roles.yaml", "maximum: PT2H", "maximum: PT9H");
    await expect(loadPolicy(directory, compiledFile)).rejects.toThrow(PolicyError);
    await expect(compilePolicy(directory)).rejects.toThrow(/roles\.yaml:\d+:\d+ .*maximum/);
  });
});
