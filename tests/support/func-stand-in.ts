import { createHash } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BlobServiceClient } from "@azure/storage-blob";
import { EmbeddedHost } from "../../local/host/embedded-host.ts";

/**
 * What stands for the `func` of Core Tools where it cannot be installed: `func start --port N` in the folder of an app,
 * everything else from the environment, in a process that knows nothing of the stack around it. The embedded host answers
 * in place of the real one, so what this shows is that the commands, the settings and the doors fit together.
 */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { port: { type: "string" } } });
if (positionals.join() !== "start") throw new Error(`this func knows start only, not ${positionals.join(" ")}`);
if (process.env["FUNCTIONS_WORKER_RUNTIME"] !== "node") throw new Error("the worker runtime is not set");
// With a name given, the real host would name its webhooks with https.
if (process.env["WEBSITE_HOSTNAME"] !== undefined) throw new Error("Core Tools set WEBSITE_HOSTNAME themselves");

const storage = process.env["AzureWebJobsStorage"] ?? "";
await queuesAnswer();
const host = new EmbeddedHost({
  appDirectory: process.cwd(),
  dataDirectory: await stateDirectory(),
  address: `http://127.0.0.1:${values.port ?? "7071"}`,
  environment: { WEBSITE_HOSTNAME: `localhost:${values.port ?? "7071"}` },
  taskHubKey: undefined,
});
for (const signal of SIGNALS) process.once(signal, () => void host.stop().then(() => process.exit(0)));
await host.start();
console.log("Functions: started");

/** The real host keeps its work in queues of the storage account. */
async function queuesAnswer(): Promise<void> {
  const [, queues] = /QueueEndpoint=([^;]+)/.exec(storage) ?? [];
  if (queues === undefined) throw new Error("AzureWebJobsStorage has no queues");
  await (await fetch(`${queues}?comp=list`)).text();
}

/** The real host keeps its state in the storage account: new storage, no state. */
async function stateDirectory(): Promise<string> {
  const name = `func-${createHash("sha256").update(storage).digest("hex").slice(0, 16)}`;
  const directory = join(tmpdir(), name);
  const container = BlobServiceClient.fromConnectionString(storage).getContainerClient("azure-webjobs-hosts");
  const { succeeded: isNew } = await container.createIfNotExists();
  if (isNew) rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // The real host says to its console what the embedded one writes into this file.
  rmSync(join(directory, "host.log"), { force: true });
  symlinkSync("/dev/stdout", join(directory, "host.log"));
  return directory;
}
