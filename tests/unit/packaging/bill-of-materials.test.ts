import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { billOfMaterials, type Lock } from "../../../packaging/bill-of-materials.ts";
import { bundleApp } from "../../../packaging/bundle.ts";

interface Document {
  readonly components: readonly { readonly purl: string; readonly hashes: readonly { readonly content: string }[] }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const PROJECT = resolve(import.meta.dirname, "../../..");
const projectLock = JSON.parse(readFileSync(join(PROJECT, "package-lock.json"), "utf8")) as Lock;
const INTEGRITY = `sha512-${Buffer.alloc(64, 0xab).toString("base64")}`;
const lockWith = (packages: Lock["packages"]): Lock => ({
  name: "app",
  version: "1.0.0",
  packages: { "": { license: "MIT" }, ...packages },
});
const documentOf = (modules: Readonly<Record<string, readonly string[]>>, lock: Lock): Document =>
  billOfMaterials(
    new Map(
      Object.entries(modules).map(([file, imports]) => [file, { bytes: file.includes("unused") ? 0 : 9, imports }]),
    ),
    lock,
  ) as Document;

/** What is wrong with a document, by the schema of CycloneDX 1.6. */
function problemsOf(document: object): unknown {
  const library = dirname(createRequire(import.meta.url).resolve("@cyclonedx/cyclonedx-library/package.json"));
  const schema = (name: string): object =>
    JSON.parse(readFileSync(join(library, "res/schema", `${name}.SNAPSHOT.schema.json`), "utf8")) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ["spdx", "jsf-0.82", "cryptography-defs"])
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  const validate = ajv.compile(schema("bom-1.6"));
  return validate(document) ? undefined : validate.errors;
}

describe("the bill of materials", () => {
  it("is a valid CycloneDX 1.6 document for the app as it is bundled", async () => {
    const document = billOfMaterials((await bundleApp()).modules, projectLock) as Document;
    expect(problemsOf(document)).toBeUndefined();
    const names = document.components.map(({ purl }) => purl.replace(/@[^@]+$/, ""));
    for (const name of ["zod", "durable-functions", "axios", "%40azure/functions", "%40azure/service-bus"])
      expect(names).toContain(`pkg:npm/${name}`);
    for (const tool of ["esbuild", "vitest", "node"]) expect(names).not.toContain(`pkg:npm/${tool}`);
  });

  it("is checked by a schema that finds mistakes", () => {
    const document = documentOf({ "index.ts": [] }, lockWith({}));
    expect(problemsOf({ ...document, components: [{ type: "library" }] })).toMatchObject([{ keyword: "required" }]);
  });

  it("names each package once, with its version, license and the digest that the lock has of it", () => {
    const document = documentOf(
      { "node_modules/@a/b/one.js": [], "node_modules/@a/b/two.js": [] },
      lockWith({ "node_modules/@a/b": { version: "2.0.1", license: "Apache-2.0", integrity: INTEGRITY } }),
    );
    expect(document.components).toEqual([
      {
        type: "library",
        "bom-ref": "pkg:npm/%40a/b@2.0.1",
        group: "@a",
        name: "b",
        version: "2.0.1",
        hashes: [{ alg: "SHA-512", content: "ab".repeat(64) }],
        licenses: [{ license: { id: "Apache-2.0" } }],
        purl: "pkg:npm/%40a/b@2.0.1",
      },
    ]);
  });

  it("tells two versions of a package apart, and which of them is imported by whom", () => {
    const document = documentOf(
      {
        "index.ts": ["node_modules/a/index.js"],
        "node_modules/a/index.js": ["node_modules/a/node_modules/b/index.js", "node:fs"],
        "node_modules/a/node_modules/b/index.js": [],
        "node_modules/b/index.js": [],
      },
      lockWith({
        "node_modules/a": { version: "1.0.0", license: "MIT", integrity: INTEGRITY },
        "node_modules/a/node_modules/b": { version: "1.0.0", license: "(MIT OR ISC)", integrity: INTEGRITY },
        "node_modules/b": { version: "2.0.0", integrity: INTEGRITY },
      }),
    );
    expect(problemsOf(document)).toBeUndefined();
    expect(document.dependencies).toEqual([
      { ref: "pkg:npm/a@1.0.0", dependsOn: ["pkg:npm/b@1.0.0"] },
      { ref: "pkg:npm/app@1.0.0", dependsOn: ["pkg:npm/a@1.0.0"] },
      { ref: "pkg:npm/b@1.0.0", dependsOn: [] },
      { ref: "pkg:npm/b@2.0.0", dependsOn: [] },
    ]);
  });

  it("leaves out a package of which nothing is in the bundle", () => {
    const document = documentOf(
      { "index.ts": ["node_modules/a/unused.js"], "node_modules/a/unused.js": [] },
      lockWith({ "node_modules/a": { version: "1.0.0", integrity: INTEGRITY } }),
    );
    expect(document.components).toEqual([]);
    expect(document.dependencies).toEqual([{ ref: "pkg:npm/app@1.0.0", dependsOn: [] }]);
  });

  it.each([
    ["that the lock does not know", {}, /does not know node_modules\/a/],
    ["without a digest", { "node_modules/a": { version: "1.0.0" } }, /no SHA-512 of node_modules\/a/],
    [
      "that is installed for the tools only",
      { "node_modules/a": { version: "1.0.0", integrity: INTEGRITY, dev: true } },
      /node_modules\/a is in the bundle, but installed for the tools only/,
    ],
  ])("refuses a package %s", (_what, packages, reason) => {
    expect(() => documentOf({ "node_modules/a/index.js": [] }, lockWith(packages))).toThrow(reason);
  });
});
