import { parseStackArguments, USAGE } from "./stack/arguments.ts";
import type { Stack, StackOptions } from "./stack/stack.ts";
import type { StartFailure } from "./stack/stack-process.ts";
import { startStack } from "./supervisor.ts";

const USAGE_ERROR = 2;

await main();

async function main(): Promise<void> {
  const options = readArguments();
  if (options === undefined) return;
  let stack: Stack | undefined;
  let stopAsked = false;
  const stop = async (): Promise<void> => {
    stopAsked = true;
    await stack?.stop();
    process.exit(0);
  };
  const giveUp = async (exitCode: number | null): Promise<void> => {
    if (stopAsked) return;
    stopAsked = true;
    console.error(`func has ended with ${exitCode ?? "a signal"}: what it said is in ${stack?.hostLogs[0] ?? ""}`);
    await stack?.stop();
    process.exit(exitCode ?? 1);
  };
  // Before the stack is ready there is nothing to stop cleanly: the children end when this process does.
  process.on("SIGINT", () => stopAsked || void stop());
  process.on("SIGTERM", () => stopAsked || void stop());
  try {
    stack = await startStack({
      ...options,
      onProcessLost: (name, exitCode) => {
        if (options.realHost && name === "host") void giveUp(exitCode);
        else console.error(`${name} has ended; the control API can start it again`);
      },
    });
    console.log(welcome(stack, options));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit((error as StartFailure).exitCode ?? 1);
  }
}

function readArguments(): StackOptions | undefined {
  try {
    const options = parseStackArguments(process.argv.slice(2));
    if (options !== "help") return options;
    console.log(USAGE);
  } catch (error) {
    const [problem = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    console.error(`${problem} (--help tells more)`);
    process.exitCode = USAGE_ERROR;
  }
  return undefined;
}

function welcome(stack: Stack, { realHost }: StackOptions): string {
  const { processes } = stack.describe();
  const rows = Object.entries(stack.addresses)
    .filter(([name]) => name !== "storage" && name !== "serviceBus")
    .map(([name, address]) => `  ${name.padEnd(12)}${address}`);
  const running = Object.entries(processes).map(([name, { pid }]) => `${name} ${pid ?? ""}`);
  const log = realHost ? [`  func says   ${stack.hostLogs[0] ?? ""}`] : [];
  return ["The local stack is ready.", ...rows, ...log, `  processes   ${running.join(", ")}`, "Ctrl-C stops it."].join(
    "\n",
  );
}
