import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Bicep } from "./bicep.ts";
import { parameterFile, SCENARIOS } from "./scenarios.ts";
import { INFRA, sourceHashes } from "./sources.ts";

const FOLDER = resolve(INFRA, "../.local/bicep/parameters");
const SUBSCRIPTION = "10000000-0000-4000-8000-00000000000a";
const METADATA = {
  tenantId: "10000000-0000-4000-8000-000000000001",
  subscriptionId: SUBSCRIPTION,
  location: "westeurope",
  deploymentName: "sample",
};
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-sample/providers/`;

/** What is kept in `infra/compiled`: the template, what each form of it makes, and the hashes of what they come from. */
export async function compileAll(bicep: Bicep): Promise<ReadonlyMap<string, string>> {
  const { contents } = await bicep.compile(join(INFRA, "main.bicep"));
  const files = new Map([["main.json", `${contents.trimEnd()}\n`]]);
  for (const [name, parameters] of Object.entries(SCENARIOS))
    files.set(`${name}.json`, resourceLines(await snapshot(bicep, parameters)));
  return files.set("sources.sha256", sourceHashes());
}

/** What a deployment with these parameters would make. @throws Error that says why there is none */
export async function snapshot(bicep: Bicep, parameters: Parameters<typeof parameterFile>[1]): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, "sample.bicepparam");
  writeFileSync(file, parameterFile(relative(FOLDER, join(INFRA, "main.bicep")), parameters));
  try {
    return await bicep.snapshot(file, METADATA);
  } catch (error) {
    const errors = (await bicep.compileParams(file)).filter(({ level }) => level === "Error");
    throw errors.length > 0 ? new Error(errors.map(({ message }) => message).join("; ")) : error;
  }
}

/** One resource a line, so that a change shows as what it changes. `~/` stands for the resource group. */
function resourceLines(text: string): string {
  const { predictedResources } = JSON.parse(text) as { predictedResources: readonly unknown[] };
  const lines = predictedResources.map((resource) => JSON.stringify(resource).replaceAll(GROUP, "~/"));
  return `[\n${lines.join(",\n")}\n]\n`;
}
