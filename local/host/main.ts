import { runChild } from "../child.ts";
import { EmbeddedHost } from "./embedded-host.ts";

runChild(async ({ settings, options }) => [
  new EmbeddedHost({
    appDirectory: options["appDirectory"] as string,
    environment: options["environment"] as Readonly<Record<string, string>>,
    taskHubKey: options["taskHubKey"] as string,
    dataDirectory: settings.dataDirectory,
    address: settings.addresses.app,
  }),
]);
