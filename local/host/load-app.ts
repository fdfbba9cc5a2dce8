import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AppPackage } from "./app-package.ts";
import type { FunctionsCore } from "./functions-core.ts";

/**
 * Runs the app's modules as the Node worker does, one after the other, so that they register their functions.
 * @throws Error with the reason why the platform would show no functions
 */
export async function loadApp(app: AppPackage, core: FunctionsCore): Promise<void> {
  core.install();
  const require = createRequire(join(app.directory, "package.json"));
  for (const { file, module } of app.entryPoints) {
    try {
      if (module === "esm") await import(pathToFileURL(file).href);
      else require(file);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Worker was unable to load entry point "${file}": ${reason}`, { cause: error });
    }
  }
  await core.runHooks("appStart", { hookData: {}, appHookData: core.appHookData });
  core.close();
  if (core.functions.size === 0)
    throw new Error("No job functions found: the app registered nothing through @azure/functions");
  const capabilities = await core.programmingModel?.getCapabilities?.({});
  if (capabilities?.["HttpUri"] !== undefined)
    throw new Error("the app asks for HTTP streaming (enableHttpStream), which this host does not have");
}
