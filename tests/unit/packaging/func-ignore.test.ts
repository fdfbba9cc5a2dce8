import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const PROJECT = resolve(import.meta.dirname, "../../..");
/** What a deployment by the Functions tools may send. */
const SHIPPED = ["dist", "host.json", "package.json", "policy"];
const SHIPPED_OF_DIST = ["functions", "policy.json", "sbom.cdx.json"];

const lines = readFileSync(join(PROJECT, ".funcignore"), "utf8").split("\n").filter(Boolean);
const expressionOf = (line: string): RegExp =>
  new RegExp(`^${line.replace(/^\//, "").replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
const kept = (folder: string): string[] =>
  readdirSync(join(PROJECT, folder))
    .map((name) => join(folder, name))
    .filter((path) => !lines.some((line) => expressionOf(line).test(path)));

describe(".funcignore", () => {
  it("lets through what the package holds and nothing else", () => {
    expect(kept("").filter((name) => !SHIPPED.includes(name))).toEqual([]);
    for (const name of SHIPPED.filter((name) => name !== "dist")) expect(kept("")).toContain(name);
  });

  it("keeps what lies beside the code in dist at home", () => {
    for (const name of ["maps", "package.zip", "package.zip.sha256", "SHA256SUMS"])
      expect(lines).toContain(`/dist/${name}`);
    for (const name of SHIPPED_OF_DIST) expect(lines).not.toContain(`/dist/${name}`);
  });
});
