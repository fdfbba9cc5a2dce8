import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CHECKSUM_FILE, checksumLines, packageHash, sha256Of } from "../../../../shared/config/package-checksums.ts";

const FILES = { "host.json": "{}", "dist/functions/index.js": "start();", "dist/functions/b.js": "" };
const LIST = checksumLines(new Map(Object.entries(FILES).map(([file, content]) => [file, sha256Of(content)])));
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "package-"));
  mkdirSync(join(directory, "dist/functions"), { recursive: true });
  for (const [file, content] of Object.entries(FILES)) writeFileSync(join(directory, file), content);
  writeFileSync(join(directory, CHECKSUM_FILE), LIST);
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("the hash of a package", () => {
  it("is that of the list of its files, sorted by their names", async () => {
    expect(LIST.split("\n").map((line) => line.slice(66))).toEqual([...Object.keys(FILES).toSorted(), ""]);
    expect(await packageHash(directory)).toBe(sha256Of(LIST));
  });

  it("is another when a file was changed in place, whatever the list says", async () => {
    writeFileSync(join(directory, "host.json"), "{ }");
    expect(await packageHash(directory)).not.toBe(sha256Of(LIST));
  });

  it("is another when a file is gone", async () => {
    rmSync(join(directory, "dist/functions/b.js"));
    expect(await packageHash(directory)).not.toBe(sha256Of(LIST));
  });

  it("is none where there is no list", async () => {
    rmSync(join(directory, CHECKSUM_FILE));
    expect(await packageHash(directory)).toBeNull();
  });
});
