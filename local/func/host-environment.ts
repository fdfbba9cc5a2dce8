/**
 * The settings of the app as the real host wants them, all through its environment: nothing is written into the app's
 * folder, nothing secret stands on a command line. @see https://learn.microsoft.com/azure/azure-functions/functions-app-settings
 */
export function hostEnvironment(app: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  // Core Tools says `localhost:<port>` here; with a number in its place the host would name its own webhooks with https.
  const settings = Object.entries(app).filter(([name]) => name !== "WEBSITE_HOSTNAME");
  return {
    FUNCTIONS_WORKER_RUNTIME: "node",
    FUNCTIONS_CORE_TOOLS_TELEMETRY_OPTOUT: "1",
    languageWorkers__node__defaultExecutablePath: process.execPath,
    // An idle task hub looks into its queues every half minute unless said otherwise.
    AzureFunctionsJobHost__extensions__durableTask__storageProvider__maxQueuePollingInterval: "00:00:01",
    ...Object.fromEntries(settings),
  };
}
