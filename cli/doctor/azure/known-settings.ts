/** Settings of an app by whether they may be there, by their names alone. */

/** What the app and the host read as the template sets it, and hold no secret. @see docs/configuration.md */
export const KNOWN: ReadonlySet<string> = new Set([
  "APP_PART",
  "PUBLIC_URL",
  "TENANT_ID",
  "LOGIN_URL",
  "GRAPH_URL",
  "AZURE_CLIENT_ID",
  "STORAGE_TABLE_URL",
  "SERVICE_BUS__fullyQualifiedNamespace",
  "HANDOVER",
  "POLICY_DIRECTORY",
  "POLICY_OVERRIDE",
  "TASK_HUB_NAME",
  "API_AUDIENCE",
  "API_CLIENT_IDS",
  "SIGN_IN_CLIENT_ID",
  "WORKER_PUBLIC_KEY",
  "CHECKPOINT_PUBLIC_KEY",
  "CHECKPOINT_KEY_ID",
  "AUDIT_COPY_URL",
  "MAIL_SENDER",
  "SERVICENOW_URL",
  "SERVICENOW_CLIENT_ID",
  "SERVICENOW_SIGNATURE_ENCODING",
  "JIRA_URL",
  "JIRA_USER",
  "AzureWebJobsStorage__accountName",
  "APPLICATIONINSIGHTS_CONNECTION_STRING",
  "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
  "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
  "AzureFunctionsJobHost__logging__applicationInsights__samplingSettings__isEnabled",
  "AzureFunctionsJobHost__extensions__durableTask__storageProvider__maxQueuePollingInterval",
  "AzureFunctionsJobHost__extensions__durableTask__storageProvider__type",
  "AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName",
]);

/** Secrets that `infra/permissions.yaml` gives to nobody, because an identity takes their place in Azure. */
export const KEYS: ReadonlySet<string> = new Set([
  "STORAGE_CONNECTION",
  "STORAGE_TABLE_SAS",
  "SERVICE_BUS",
  "AUDIT_COPY_CONNECTION",
  "CHECKPOINT_KEY",
]);

/** @see https://learn.microsoft.com/azure/azure-functions/functions-app-settings */
const DANGEROUS: readonly (readonly [name: RegExp, does: string])[] = [
  [/^(NODE_(OPTIONS|PATH|REPL_EXTERNAL_MODULE)|LD_.+|languageWorkers.+)$/i, "changes what code the app runs"],
  [
    /^(WEBSITE_(RUN_FROM_|CONTENT|MOUNT).*|(PRE|POST)_BUILD_.+|SCM_.+|DOCKER_.+|ENABLE_ORYX_BUILD|AzureWebJobsScriptRoot)$/i,
    "says where the app's code comes from",
  ],
  [
    /^(NODE_(TLS_REJECT_UNAUTHORIZED|EXTRA_CA_CERTS)|SSL_CERT_.+|.+_PROXY)$/i,
    "changes whom the app talks to or trusts",
  ],
  [/^(AZURE|IDENTITY|MSI)_.+$/i, "makes the app act as another identity, or get its tokens elsewhere"],
  [/^AzureWebJobs(Storage|Dashboard)$/i, "opens the host's storage with a key"],
  [/^Azure(WebJobs|FunctionsJobHost).+$/i, "changes how the host runs the app"],
];

/** What a setting that is not known does, for people. */
export const effectOf = (name: string): string =>
  DANGEROUS.find(([pattern]) => pattern.test(name))?.[1] ?? "nothing of this system reads";
