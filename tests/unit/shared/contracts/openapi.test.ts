import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { REASON_STATUS } from "../../../../functions/http/reason-status.ts";
import { problem, refusalProblem } from "../../../../functions/http/problem.ts";
import { openApiDocument } from "../../../../shared/contracts/openapi.ts";
import { PROBLEMS } from "../../../../shared/contracts/problem.ts";
import { REASONS, type ReasonCode } from "../../../../shared/domain/reasons.ts";

type Json = Readonly<Record<string, unknown>>;

const document = openApiDocument("https://zs.contoso.example", REASON_STATUS);
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(document, "openapi");

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);

const operations = Object.entries(document["paths"] as Record<string, Record<string, Json>>).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
);

const isValid = (schema: string, value: unknown): boolean =>
  ajv.validate({ $ref: `openapi#/components/schemas/${schema}` }, value);

describe("the OpenAPI document", () => {
  it("covers every route that the app registers, and no other", () => {
    const source = readFileSync(join(import.meta.dirname, "../../../../functions/parts/front.ts"), "utf8");
    const registered = [...source.matchAll(/^\s*http\("\w+", \[([^\]]+)\], "([^"]+)"/gm)].flatMap(
      ([, methods = "", route = ""]) => [...methods.matchAll(/GET|POST/g)].map(([method]) => `${method} /api/${route}`),
    );
    expect(registered.length).toBeGreaterThanOrEqual(15);
    expect(operations.map(({ name }) => name).toSorted()).toEqual(registered.toSorted());
  });

  it("has no reference that leads nowhere", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) => path);
    expect(references.length).toBeGreaterThan(30);
    expect(references.filter((path) => at(document, ...path.split("/")) === undefined)).toEqual([]);
  });

  it("names every operation once, and every parameter of its path", () => {
    expect(new Set(operations.map(({ operation }) => operation["operationId"])).size).toBe(operations.length);
    for (const { path, operation } of operations) {
      const declared = ((operation["parameters"] ?? []) as readonly Json[]).filter((one) => one["in"] === "path");
      expect(declared.map((one) => `{${String(one["name"])}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  it("asks for a person's token wherever a problem says that there was none", () => {
    for (const { name, operation } of operations)
      expect([name, "401" in (operation["responses"] as Json)]).toEqual([
        name,
        (operation["security"] as readonly unknown[]).length > 0,
      ]);
  });

  it("lists every problem and reason under the status it comes with", () => {
    const statuses: Readonly<Record<string, number>> = {
      ...Object.fromEntries(Object.entries(PROBLEMS).map(([code, [status]]) => [code, status])),
      ...REASON_STATUS,
    };
    const missing = Object.entries(statuses).filter(([code, status]) => {
      const response = at(document, "components", "responses", `Problem${status}`);
      const media = at(response, "content", "application/problem+json", "schema", "properties", "code", "enum");
      return !(media as readonly string[]).includes(code);
    });
    expect(missing).toEqual([]);
    expect(Object.keys(REASON_STATUS).toSorted()).toEqual(Object.keys(REASONS).toSorted());
  });

  it("describes the problems that the doors really answer", () => {
    const answers = [
      problem("InvalidRequest", "See errors.", [{ path: "role", message: "is missing" }]),
      problem("Unauthenticated"),
      ...(Object.keys(REASONS) as ReasonCode[]).map((reason) => refusalProblem({ reason, detail: "CHG0030192" })),
    ];
    for (const { status, body } of answers) {
      const reference = `openapi#/components/responses/Problem${String(status)}/content/application~1problem+json/schema`;
      expect(ajv.validate({ $ref: reference }, JSON.parse(body as string))).toBe(true);
    }
  });

  it("describes bodies as the doors take them", () => {
    const body = {
      role: "Global Administrator",
      duration: "PT2H",
      justification: "Rotate the certificate",
      ticket: { system: "jira", number: "OPS-142" },
    };
    expect(isValid("RequestActivation", body)).toBe(true);
    expect(isValid("RequestActivation", { ...body, person: "ada.byron" })).toBe(false);
    expect(isValid("RequestActivation", { ...body, ticket: { system: "jira", number: "OPS-142^x" } })).toBe(false);
    expect(isValid("Freeze", { because: "no" })).toBe(false);
  });
});
