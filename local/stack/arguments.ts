import { parseArgs } from "node:util";
import { PROCESSES, WORLD_PARTS, type StackOptions } from "./stack.ts";

export const USAGE = `npm start -- [options]: the local stack, until Ctrl-C
npm run func -- [options]: the same with the app on the real Functions host (Azure Functions Core Tools)

  --only NAME,...       start these only: ${[...PROCESSES, ...WORLD_PARTS].join(", ")}
  --data DIR            where everything is kept (.local; func: .local/func)
  --split               the app in three processes, each with its own rights (infra/permissions.yaml)
  --port-base N         fourteen ports from N on, instead of free ones (func: 7071)
  --clock real|manual   manual: time stands still until the control API moves it (real)
  --app DIR             a built Functions app (this project)
  --help                this text`;

/** What Core Tools listen on unless they are told. */
const CORE_TOOLS_PORT = "7071";

/** Reads the command line. @throws Error with one line that says what is wrong */
export function parseStackArguments(args: readonly string[]): StackOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      only: { type: "string" },
      data: { type: "string" },
      "port-base": { type: "string" },
      clock: { type: "string", default: "real" },
      app: { type: "string" },
      split: { type: "boolean", default: false },
      func: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { data, clock, app, func } = values;
  const portBase = values["port-base"] ?? (func ? CORE_TOOLS_PORT : undefined);
  if (clock !== "real" && clock !== "manual") throw new Error(`--clock is real or manual, not ${clock}`);
  if (func && clock === "manual") throw new Error("--clock manual is for npm start: the real host's clock is its own");
  if (func && values.split) throw new Error("--split is for npm start: func runs the app in one process");
  return {
    dataDirectory: data ?? (func ? ".local/func" : ".local"),
    clock,
    ...(func ? { realHost: true } : {}),
    ...(values.split ? { split: true } : {}),
    ...(app === undefined ? {} : { appDirectory: app }),
    ...(values.only === undefined ? {} : { only: namesIn(values.only) }),
    ...(portBase === undefined ? {} : { portBase: portIn(portBase) }),
  };
}

function namesIn(text: string): string[] {
  const known: readonly string[] = [...PROCESSES, ...WORLD_PARTS];
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only knows no "${unknown}": it takes ${known.join(", ")}`);
  return names;
}

function portIn(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port <= 65_500) return port;
  throw new Error(`--port-base is a number from 1024 to 65500, not ${text}`);
}
