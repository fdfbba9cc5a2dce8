import { join } from "node:path";
import { runChild, type ChildStart } from "../child.ts";
import { holdLock } from "../data-lock.ts";
import { TENANT_ID } from "../seed.ts";
import { parseBrokerArguments, USAGE, type BrokerArguments } from "./arguments.ts";
import { readConfigFile } from "./config/config-file.ts";
import { createBroker, type BrokerService } from "./service.ts";

const OWN_CONFIG = join(import.meta.dirname, "config.json");
const USAGE_ERROR = 2;

// As a child of the stack, or alone.
if (process.send) runChild(async (start) => [inStack(start)]);
else await alone();

function inStack({ settings, options }: ChildStart): BrokerService {
  const { login } = settings.addresses;
  return createBroker({
    config: readConfigFile(OWN_CONFIG),
    directory: join(settings.dataDirectory, "broker"),
    port: Number(options["port"]),
    rootKey: String(options["key"]),
    issuer: { issuer: `${login}/${TENANT_ID}/v2.0`, jwksUrl: `${login}/${TENANT_ID}/discovery/v2.0/keys` },
  });
}

async function alone(): Promise<void> {
  const options = readArguments();
  if (options === undefined) return;
  try {
    const broker = await startAlone(options);
    const stop = (): void => void broker.stop().then(() => process.exit(0));
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    console.log(`The broker is ready.\n${broker.connectionString}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

function readArguments(): BrokerArguments | undefined {
  try {
    const options = parseBrokerArguments(process.argv.slice(2));
    if (options !== "help") return options;
    console.log(USAGE);
  } catch (error) {
    const [problem = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    console.error(`${problem} (--help tells more)`);
    process.exitCode = USAGE_ERROR;
  }
  return undefined;
}

async function startAlone({ config, data, key, issuer, tls, ...where }: BrokerArguments): Promise<BrokerService> {
  const broker = createBroker({
    config: readConfigFile(config ?? OWN_CONFIG),
    directory: data,
    ...where,
    ...(key === undefined ? {} : { rootKey: key }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(tls === undefined ? {} : { tls }),
  });
  if (!holdLock(join(data, "broker.lock"), 0)) throw new Error(`another broker already runs on ${data}`);
  await broker.start();
  return broker;
}
