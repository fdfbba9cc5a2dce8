import { parseArgs } from "node:util";
import { PROCESSES, WORLD_PARTS, type StackOptions } from "./stack.ts";

export const USAGE = `npm start -- [options]: the local stack, until Ctrl-C

  --only NAME,...       start these only: ${[...PROCESSES, ...WORLD_PARTS].join(", ")}
  --data DIR            where everything is kept (.local)
  --split               the app in three processes, each with its own rights (infra/permissions.yaml)
  --port-base N         thirteen ports from N on, instead of free ones
  --clock real|manual   manual: time stands still until the control API moves it (real)
  --app DIR             a built Functions app (this project)
  --help                this text`;

/** Reads the command line. @throws Error with one line that says what is wrong */
export function parseStackArguments(args: readonly string[]): StackOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      only: { type: "string" },
      data: { type: "string", default: ".local" },
      "port-base": { type: "string" },
      clock: { type: "string", default: "real" },
      app: { type: "string" },
      split: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { data, clock, app } = values;
  if (clock !== "real" && clock !== "manual") throw new Error(`--clock is real or manual, not ${clock}`);
  return {
    dataDirectory: data,
    clock,
    ...(values.split ? { split: true } : {}),
    ...(app === undefined ? {} : { appDirectory: app }),
    ...(values.only === undefined ? {} : { only: namesIn(values.only) }),
    ...(values["port-base"] === undefined ? {} : { portBase: portIn(values["port-base"]) }),
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
