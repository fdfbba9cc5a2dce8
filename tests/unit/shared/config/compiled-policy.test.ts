import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { compilePolicy, loadPolicy } from "../../../../shared/config/compiled-policy.ts";
import { PolicyError, readPolicy } from "../../../../shared/config/policy-file.ts";

const SAMPLE = join(import.meta.dirname, "../../../../policy");
const CHECKER = "code of this build";
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
  writeFileSync(compiledFile, await compilePolicy(directory, CHECKER));
});

describe("a policy that the build has checked", () => {
  it("is the policy of the files, hash and people included", async () => {
    const texts = ["roles.yaml", "people.yaml"].map((file) => readFileSync(join(SAMPLE, file), "utf8"));
    const fromFiles = readPolicy(texts[0] ?? "", texts[1] ?? "");
    const { policy, people } = await loadPolicy(directory, compiledFile, CHECKER);
    expect(policy).toEqual(fromFiles.policy);
    expect(people.byKey("ada.byron")).toEqual(fromFiles.people.byKey("ada.byron"));
  });

  it("is taken as it is while the files are the same", async () => {
    const compiled = JSON.parse(readFileSync(compiledFile, "utf8")) as { readonly policy: { alertMail: string } };
    compiled.policy.alertMail = "compiled@contoso.example";
    writeFileSync(compiledFile, JSON.stringify(compiled));
    expect((await loadPolicy(directory, compiledFile, CHECKER)).policy.alertMail).toBe("compiled@contoso.example");
  });

  it.each(["roles.yaml", "people.yaml"])("counts for nothing once %s has changed", async (file) => {
    const before = await loadPolicy(directory, compiledFile, CHECKER);
    if (file === "roles.yaml") edit(file, "maximum: PT2H", "maximum: PT1H");
    else edit(file, "name: Ada", "name: Ida");
    const after = await loadPolicy(directory, compiledFile, CHECKER);
    expect(after.policy.hash).not.toBe(before.policy.hash);
    expect(after).toMatchObject({ policy: (await loadPolicy(directory, "nothing compiled")).policy });
  });

  it("does not hide a mistake that was made after the build", async () => {
    edit("roles.yaml", "maximum: PT2H", "maximum: PT9H");
    await expect(loadPolicy(directory, compiledFile, CHECKER)).rejects.toThrow(PolicyError);
    await expect(compilePolicy(directory, CHECKER)).rejects.toThrow(/roles\.yaml:\d+:\d+ .*maximum/);
  });

  it.each([["code of another build"], [undefined]])("is refused if it was checked by %s", async (checker) => {
    const compiled = JSON.parse(readFileSync(compiledFile, "utf8")) as object;
    writeFileSync(compiledFile, JSON.stringify({ ...compiled, checker }));
    await expect(loadPolicy(directory, compiledFile, CHECKER)).rejects.toThrow(/policy\.json is of another build/);
  });

  it("counts for nothing where the sources run as they are", async () => {
    const compiled = JSON.parse(readFileSync(compiledFile, "utf8")) as { readonly policy: { alertMail: string } };
    compiled.policy.alertMail = "compiled@contoso.example";
    writeFileSync(compiledFile, JSON.stringify(compiled));
    expect((await loadPolicy(directory, compiledFile)).policy.alertMail).not.toBe("compiled@contoso.example");
  });
});
