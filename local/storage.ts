import { mkdirSync } from "node:fs";
import type { IncomingMessage, Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runChild } from "./child.ts";
import type { LocalService } from "./service.ts";
import { enforceTableSignatures } from "./table-signatures.ts";

/** The parts of Azurite's servers that we use; the package has no types. */
interface AzuriteServer {
  readonly httpServer: Server;
  start(): Promise<void>;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
type Constructor<T> = new (...parameters: unknown[]) => T;
const azurite = (path: string): unknown => (require(`azurite/dist/src/${path}.js`) as { default: unknown }).default;

runChild(async ({ settings, options }) => {
  const { account, key, tablePort, blobPort, queuePort } = options as Readonly<Record<string, string | number>>;
  process.env["AZURITE_ACCOUNTS"] = `${String(account)}:${String(key)}`;
  const directory = join(settings.dataDirectory, "azurite");
  mkdirSync(directory, { recursive: true });
  enforceTableSignatures();
  const table = tableServer(directory, Number(tablePort));
  const others = [blobServer(directory, Number(blobPort))];
  if (queuePort !== undefined) others.push(queueServer(directory, Number(queuePort)));
  return [storage(table, others)];
});

function storage(table: AzuriteServer, others: readonly AzuriteServer[]): LocalService {
  const byOperation = new Map<string, number>();
  table.httpServer.prependListener("request", (request: IncomingMessage) => {
    const operation = operationOf(request.method ?? "", request.url ?? "", request.headers["x-http-method"]);
    byOperation.set(operation, (byOperation.get(operation) ?? 0) + 1);
  });
  return {
    name: "storage",
    control: {
      requests: () => ({
        total: [...byOperation.values()].reduce((sum, count) => sum + count, 0),
        byOperation: Object.fromEntries(byOperation),
      }),
      clearRequests: () => byOperation.clear(),
    },
    start: async () => {
      await Promise.all([table, ...others].map((server) => server.start()));
    },
    stop: async () => {
      await Promise.all([table, ...others].map((server) => server.close()));
    },
  };
}

/** Words of the Table service's REST reference for a request, as far as method and path tell. */
function operationOf(method: string, url: string, override: string | string[] | undefined): string {
  const resource = decodeURIComponent(url.split("?")[0] ?? "").replace(/^\/[^/]+\//, "");
  if (resource.startsWith("$batch")) return "EntityGroupTransaction";
  if (resource.startsWith("Tables")) return { GET: "QueryTables", POST: "CreateTable" }[method] ?? "DeleteTable";
  switch (typeof override === "string" ? override : method) {
    case "GET":
      return /\(.+\)$/.test(resource) ? "GetEntity" : "QueryEntities";
    case "POST":
      return "InsertEntity";
    case "PUT":
      return "UpdateEntity";
    case "DELETE":
      return "DeleteEntity";
    default:
      return "MergeEntity";
  }
}

// All servers: no access log, no debug log, not loose, any API version. Telemetry needs a call that we do not make.
function tableServer(directory: string, port: number): AzuriteServer {
  const Configuration = azurite("table/TableConfiguration") as Constructor<object>;
  const TableServer = azurite("table/TableServer") as Constructor<AzuriteServer>;
  const file = join(directory, "table.json");
  return new TableServer(
    new Configuration("127.0.0.1", port, undefined, file, false, false, undefined, undefined, false, true),
  );
}

function blobServer(directory: string, port: number): AzuriteServer {
  const Configuration = azurite("blob/BlobConfiguration") as Constructor<object>;
  const BlobServer = azurite("blob/BlobServer") as Constructor<AzuriteServer>;
  const files = [join(directory, "blob.json"), join(directory, "blob-extents.json")];
  const extents = [{ locationId: "Default", locationPath: join(directory, "blobs"), maxConcurrency: 10 }];
  const quiet = [false, undefined, false, undefined, false, true];
  return new BlobServer(new Configuration("127.0.0.1", port, undefined, ...files, extents, ...quiet));
}

function queueServer(directory: string, port: number): AzuriteServer {
  const Configuration = azurite("queue/QueueConfiguration") as Constructor<object>;
  const QueueServer = azurite("queue/QueueServer") as Constructor<AzuriteServer>;
  const files = [join(directory, "queue.json"), join(directory, "queue-extents.json")];
  const extents = [{ locationId: "Default", locationPath: join(directory, "queues"), maxConcurrency: 10 }];
  const quiet = [false, undefined, false, undefined, false, true];
  return new QueueServer(new Configuration("127.0.0.1", port, undefined, ...files, extents, ...quiet));
}
