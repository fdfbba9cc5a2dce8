import { join } from "node:path";
import { runChild } from "../child.ts";
import { FuncHost } from "./func-host.ts";

runChild(async ({ options }) => [
  new FuncHost({
    command: options["command"] as string,
    logFile: join(options["dataDirectory"] as string, "host.log"),
    appDirectory: options["appDirectory"] as string,
    environment: options["environment"] as Readonly<Record<string, string>>,
    taskHubKey: options["taskHubKey"] as string,
    address: options["address"] as string,
  }),
]);
