import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

export const INFRA = resolve(import.meta.dirname, "..");
export const COMPILED = join(INFRA, "compiled");

/** By their paths below `infra`. */
export const bicepFiles = (): readonly string[] =>
  readdirSync(INFRA, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".bicep"))
    .map((file) => file.replaceAll("\\", "/"))
    .sort();

/** What a part may do in Azure. Permissions of Graph and the administrators are no matter of the template. */
const AZURE = ["tables", "queues", "secrets", "taskHub", "signs", "auditCopy"];

function azureRights(): string {
  const { parts } = parse(read("permissions.yaml")) as {
    parts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  return JSON.stringify(Object.entries(parts).map(([part, may]) => [part, AZURE.map((right) => may[right] ?? null)]));
}

const read = (file: string): string => readFileSync(join(INFRA, file), "utf8");

/** One line for each thing that the compiled template is made of. */
export const sourceHashes = (): string =>
  [
    ...[...bicepFiles(), "bicepconfig.json", "check/scenarios.ts"].map((file) => [file, read(file)]),
    ["rights", azureRights()],
  ]
    .map(([name = "", text = ""]) => `${createHash("sha256").update(text).digest("hex")}  ${name}\n`)
    .join("");

export const compiledFile = (name: string): string => read(join("compiled", name));
