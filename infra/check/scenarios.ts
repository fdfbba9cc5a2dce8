type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
/** `undefined`: left out. */
type Parameters = Readonly<Record<string, Value | undefined>>;

/** Parameters of a sample deployment with everything in it. */
const SAMPLE = {
  environmentName: "sample",
  location: "westeurope",
  apiClientId: "c1000000-0000-4000-8000-000000000001",
  apiCallerClientIds: ["c2000000-0000-4000-8000-000000000002"],
  signInClientId: "c4000000-0000-4000-8000-000000000004",
  mailSender: "3a110000-0000-4000-8000-000000000001",
  workerPublicKey: "-----BEGIN PUBLIC KEY-----\\nMFkw\\n-----END PUBLIC KEY-----",
  checkpointPublicKey: "-----BEGIN PUBLIC KEY-----\\nMFkx\\n-----END PUBLIC KEY-----",
  senders: ["chatbot", "oncall"],
  subscribers: ["siem"],
  servicenow: { url: "https://contoso.service-now.com", clientId: "zero-standing" },
  jira: { url: "https://contoso.atlassian.net", user: "zero-standing@contoso.example", automation: true },
  alertMails: ["identity-team@contoso.example"],
  breakGlassAccounts: ["b0000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000002"],
} satisfies Parameters;

/** The forms in which the template can be deployed; what each makes is kept in `infra/compiled`. */
export const SCENARIOS = {
  split: SAMPLE,
  private: { ...SAMPLE, networkAccess: "private", frontAllowedRanges: ["203.0.113.0/24"] },
  dts: { ...SAMPLE, durableBackend: "dts", jira: null, warmDoors: true, subscribers: [] },
  single: { ...SAMPLE, deployment: "single", workerPublicKey: "", servicenow: null },
} satisfies Record<string, Parameters>;

export type ScenarioName = keyof typeof SCENARIOS;

/** What `azd env set` was told, for `main.bicepparam`. */
export const ENVIRONMENT = {
  AZURE_ENV_NAME: SAMPLE.environmentName,
  AZURE_LOCATION: SAMPLE.location,
  ZS_API_CLIENT_ID: SAMPLE.apiClientId,
  ZS_API_CALLERS: SAMPLE.apiCallerClientIds.join(","),
  ZS_SIGN_IN_CLIENT_ID: SAMPLE.signInClientId,
  ZS_MAIL_SENDER: SAMPLE.mailSender,
  ZS_WORKER_PUBLIC_KEY: SAMPLE.workerPublicKey,
  ZS_SERVICENOW_URL: SAMPLE.servicenow.url,
  ZS_SERVICENOW_CLIENT_ID: SAMPLE.servicenow.clientId,
  ZS_ALERT_MAILS: SAMPLE.alertMails.join(","),
};

/** Parameters that cannot be deployed, and what is said of them: all of it at once. */
export const REFUSED: Readonly<Record<string, { readonly change: Parameters; readonly says: readonly RegExp[] }>> = {
  "what is missing between parameters": {
    change: {
      servicenow: null,
      jira: null,
      workerPublicKey: "",
      publicUrl: "http://a.example",
      senders: ["rejected", "rejected"],
      addressSpace: "10.1.0.0/16",
    },
    says: [
      /servicenow or jira is needed/,
      /workerPublicKey is needed/,
      /begin with https/,
      /may be called rejected/,
      /named twice/,
      /addressSpace.*networkAccess is public/,
    ],
  },
  "what cannot be together": {
    change: { deployment: "single", networkAccess: "private", durableBackend: "dts" },
    says: [/private access needs deployment=split/, /private access needs durableBackend=storage/],
  },
  "what is missing or has a wrong form": {
    change: {
      signInClientId: undefined,
      senders: undefined,
      deployment: "triple",
      durableBackend: "mssql",
      alertMails: [],
      apiClientId: "c1",
      auditRetentionDays: 0,
      servicenow: { url: "https://contoso.service-now.com" },
    },
    says: [/"senders", "signInClientId"/, /triple/, /mssql/, /"alertMails"|length/, /36/, /value/, /clientId/],
  },
};

/** A parameter file that Bicep reads; what changes is added to the sample. */
export function parameterFile(template: string, change: Parameters): string {
  const parameters: Parameters = { ...SAMPLE, ...change };
  const lines = Object.entries(parameters).map(([name, value]) =>
    value === undefined ? "" : `param ${name} = ${literal(value)}\n`,
  );
  return `using '${template}'\n\n${lines.join("")}`;
}

function literal(value: Value): string {
  if (typeof value === "string") return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map((item: Value) => literal(item)).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${literal(item)}`)
    .join(", ")} }`;
}
