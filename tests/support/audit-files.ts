import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerClient } from "@azure/storage-blob";
import type { Stack } from "../../local/stack/stack.ts";
import { dailyId } from "../../local/seed.ts";
import { runZs, type ZsResult } from "./run-zs.ts";

/** Dev is of the identity team. */
const DEV = 4;

/** `GET` of the API as somebody of the identity team. */
export async function teamGets(stack: Stack, path: string): Promise<string> {
  const token = (await stack.call("login", "mint", { oid: dailyId(DEV) })) as string;
  const response = await fetch(`${stack.addresses.app}${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.text();
}

/** The id of the key that signs now, as the app publishes it. */
export async function checkpointKeyId(stack: Stack): Promise<string | undefined> {
  const { keys } = JSON.parse(await teamGets(stack, "/api/audit/keys")) as { keys: { kid: string }[] };
  return keys[0]?.kid;
}

/** The whole copy, as somebody who may read its container fetches it. */
export async function copiedTrail(stack: Stack): Promise<string> {
  const container = new ContainerClient(stack.addresses.storage, "audit-copy");
  let text = "";
  for await (const { name } of container.listBlobsFlat())
    text += (await container.getBlobClient(name).downloadToBuffer()).toString();
  return text;
}

/** `zs audit verify` of these texts, with the keys that an auditor noted down. */
export function verifyTexts(
  texts: { readonly trail: string; readonly copy?: string },
  keyIds: readonly string[],
): Promise<ZsResult> {
  const folder = mkdtempSync(join(tmpdir(), "zs-audit-"));
  const fileOf = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const copy = texts.copy === undefined ? [] : ["--copy", fileOf("copy.jsonl", texts.copy)];
  return runZs(["audit", "verify", fileOf("trail.jsonl", texts.trail), ...copy, `--key-id=${keyIds.join(",")}`]);
}
