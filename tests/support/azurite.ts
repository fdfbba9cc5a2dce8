import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Azurite's account, the same on every machine and no secret. */
const ACCOUNT = "devstoreaccount1";
const ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const MAIN = {
  table: fileURLToPath(new URL("../../node_modules/azurite/dist/src/table/main.js", import.meta.url)),
  blob: fileURLToPath(new URL("../../node_modules/azurite/dist/src/blob/main.js", import.meta.url)),
};
type Service = keyof typeof MAIN;

export type LocalTables = LocalStorage;

interface LocalStorage {
  readonly port: number;
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** A table service of its own for one test file: a free port, rows in memory, nothing left behind. */
export const startTables = (): Promise<LocalStorage> => start("table");

/** The same for blobs. */
export const startBlobs = (): Promise<LocalStorage> => start("blob");

async function start(service: Service): Promise<LocalStorage> {
  const folder = await mkdtemp(join(tmpdir(), `${service}s-`));
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      MAIN[service],
      `--${service}Port`,
      String(port),
      "--inMemoryPersistence",
      "--skipApiVersionCheck",
      "--silent",
      "--disableTelemetry",
    ],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  await new Promise<void>((resolve, reject) => {
    const read = (data: Buffer): void => {
      output += data.toString();
      if (/successfully (started|listens)/.test(output)) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`azurite ended with ${code ?? "a signal"}: ${output}`)));
  });
  return {
    port,
    connectionString: connectionTo(service, port),
    stop: async () => {
      if (child.exitCode === null) {
        child.kill();
        await once(child, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The connection string of such a service at another port, behind which something stands in between. */
export const connectionTo = (service: Service, port: number): string =>
  `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${ACCOUNT_KEY};` +
  `${service === "table" ? "Table" : "Blob"}Endpoint=http://127.0.0.1:${port}/${ACCOUNT};`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
