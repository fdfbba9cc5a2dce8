import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readConfigFile } from "../../local/broker/config/config-file.ts";
import { createBroker } from "../../local/broker/service.ts";

const CONFIG = fileURLToPath(new URL("service-bus-entities.json", import.meta.url));
/** So small that the journal is written anew all the time. */
const COMPACT_FROM_BYTES = 100_000;

export interface BrokerProcess {
  readonly connectionString: string;
  /** The process is gone when this resolves. */
  kill(): Promise<void>;
}

/** A broker in a process of its own, on a port it had before or a free one. */
export async function startBrokerProcess(directory: string, port = 0): Promise<BrokerProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", import.meta.filename, directory, String(port)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  if (!child.stdout) throw new Error("the process has no output");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    connectionString: line,
    kill: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const [, script, directory, port] = process.argv;
if (script === import.meta.filename && directory !== undefined) {
  const broker = createBroker({
    config: readConfigFile(CONFIG),
    directory,
    port: Number(port),
    compactFromBytes: COMPACT_FROM_BYTES,
  });
  await broker.start();
  console.log(broker.connectionString);
}
