import { runChild } from "../child.ts";
import { EmbeddedHost } from "./embedded-host.ts";

runChild(async ({ options }) => [
  new EmbeddedHost({
    appDirectory: options["appDirectory"] as string,
    environment: options["environment"] as Readonly<Record<string, string>>,
    taskHubKey: options["taskHubKey"] as string,
    dataDirectory: options["dataDirectory"] as string,
    address: options["address"] as string,
  }),
]);
