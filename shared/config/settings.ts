import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { Secret } from "./secret.ts";
import * as form from "./setting-forms.ts";

/**
 * What the environment says, whole and checked. Addresses have no trailing slash; one that begins with `http:` is a
 * literal loopback address, and that alone may set an SDK's allow-insecure flag.
 */
export interface Settings {
  /** Base of links, and of the redirect of the browser sign-in. */
  readonly publicUrl: string;
  readonly tenantId: string;
  readonly loginUrl: string;
  readonly graphUrl: string;
  readonly api: {
    /** Accepted in `aud`: the client id and `api://<client id>`. */
    readonly audiences: readonly string[];
    /** Accepted in `azp`. */
    readonly clientIds: readonly string[];
  };
  readonly signIn: { readonly clientId: string; readonly clientSecret: Secret };
  /** Client id of a user-assigned identity; `undefined` = the system-assigned one. */
  readonly azureClientId: string | undefined;
  readonly storage:
    | { readonly kind: "connection"; readonly connection: Secret }
    | { readonly kind: "identity"; readonly tableUrl: string };
  /** Where the audit trail is copied to; `undefined` = nowhere. */
  readonly auditCopy:
    | { readonly kind: "connection"; readonly connection: Secret }
    | { readonly kind: "identity"; readonly containerUrl: string }
    | undefined;
  /** Messages in and events out; `undefined` = neither. */
  readonly serviceBus:
    | { readonly kind: "connection"; readonly connection: Secret }
    | { readonly kind: "identity"; readonly fullyQualifiedNamespace: string }
    | undefined;
  /** How the doors reach the worker: through the task hub, or through the queue `ticket-events`, which needs a bus. */
  readonly handover: "direct" | "queue";
  readonly policyDirectory: string;
  /** Hash of a policy that takes effect without two persons, in an emergency. */
  readonly policyOverride: string | undefined;
  /** The policy as the build checked it; used only for the very same texts. */
  readonly compiledPolicyFile: string;
  readonly linkKeys: Secret<form.KeyRing>;
  /** Sign-ins are encrypted to this key; the front has no more than that. */
  readonly workerPublicKey: KeyObject;
  /** Signs the checkpoints of the audit trail, or only shows who does; `undefined` = none are written. */
  readonly checkpointKey:
    | { readonly kind: "pem"; readonly privateKey: KeyObject }
    | { readonly kind: "vault"; readonly keyId: string }
    | { readonly kind: "public"; readonly publicKey: KeyObject }
    | undefined;
  /** Only where the worker runs: what opens sign-ins and seals records. */
  readonly worker: { readonly privateKey: KeyObject; readonly macKeys: Secret<form.KeyRing> } | undefined;
  readonly servicenow: ServiceNowSettings | undefined;
  readonly jira: JiraSettings | undefined;
  /** Object id of the mailbox that messages are sent from. */
  readonly mailSender: string;
  readonly taskHubName: string;
}

export interface ServiceNowSettings {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly webhookSecrets: Secret<readonly string[]>;
  readonly signatureEncoding: "base64" | "hex";
}

export interface JiraSettings {
  readonly url: string;
  readonly user: string;
  readonly apiToken: Secret;
  readonly webhookSecrets: Secret<readonly string[]>;
  /** Valid in the header of Automation's web requests; none = that door is closed. */
  readonly automationSecrets: Secret<readonly string[]> | undefined;
}

/** All settings that are missing or wrong, by name; never their values. */
export class SettingsError extends Error {
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(
      ["Settings are missing or wrong:", ...problems.map(({ name, problem }) => `  ${name} ${problem}`)].join("\n"),
    );
    this.name = "SettingsError";
    this.problems = problems;
  }
}

interface SettingProblem {
  readonly name: string;
  readonly problem: string;
}

const COMMON = z.object({
  PUBLIC_URL: form.address,
  TENANT_ID: form.guid,
  LOGIN_URL: form.address.prefault("https://login.microsoftonline.com"),
  GRAPH_URL: form.address.prefault("https://graph.microsoft.com"),
  API_AUDIENCE: form.guid,
  API_CLIENT_IDS: form.guidList,
  SIGN_IN_CLIENT_ID: form.guid,
  SIGN_IN_CLIENT_SECRET: form.secret,
  AZURE_CLIENT_ID: form.guid.optional(),
  STORAGE_CONNECTION: form.storageConnection.optional(),
  STORAGE_TABLE_URL: form.address.optional(),
  AUDIT_COPY_URL: form.address.optional(),
  AUDIT_COPY_CONNECTION: form.blobConnection.optional(),
  SERVICE_BUS: form.busConnection.optional(),
  SERVICE_BUS__fullyQualifiedNamespace: form.hostName.optional(),
  HANDOVER: z.enum(["direct", "queue"], "must be direct or queue").default("direct"),
  POLICY_DIRECTORY: form.text.optional(),
  POLICY_OVERRIDE: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be the hash of a policy (64 hexadecimal digits)")
    .optional(),
  LINK_KEYS: form.keyRing,
  WORKER_PUBLIC_KEY: form.publicKey.optional(),
  CHECKPOINT_KEY: form.privateKey.optional(),
  CHECKPOINT_KEY_ID: form.vaultKey.optional(),
  CHECKPOINT_PUBLIC_KEY: form.publicKey.optional(),
  MAIL_SENDER: form.guid,
  TASK_HUB_NAME: form.taskHubName,
});

/** All or nothing: a group is read as soon as one of its settings is there. */
const WORKER = z.object({ WORKER_PRIVATE_KEY: form.privateKey, MAC_KEYS: form.keyRing });

const SERVICENOW = z.object({
  SERVICENOW_URL: form.address,
  SERVICENOW_CLIENT_ID: form.text,
  SERVICENOW_CLIENT_SECRET: form.secret,
  SERVICENOW_WEBHOOK_SECRETS: form.secretPair,
  SERVICENOW_SIGNATURE_ENCODING: z.enum(["base64", "hex"], "must be base64 or hex").default("base64"),
});

const JIRA = z.object({
  JIRA_URL: form.address,
  JIRA_USER: form.text,
  JIRA_API_TOKEN: form.secret,
  JIRA_WEBHOOK_SECRETS: form.secretPair,
  JIRA_AUTOMATION_SECRETS: form.secretPair.optional(),
});

/** Reads the environment once, at start. A blank setting counts as missing. @throws SettingsError naming all problems at once */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value]] : [])),
  );
  const problems = problemsBetween(given);
  const common = read(COMMON, given, problems);
  const worker = readGroup(WORKER, given, problems);
  const servicenow = readGroup(SERVICENOW, given, problems);
  const jira = readGroup(JIRA, given, problems);
  const derivedKey = worker && createPublicKey(worker.WORKER_PRIVATE_KEY);
  if (derivedKey && common?.WORKER_PUBLIC_KEY?.equals(derivedKey) === false)
    problems.push({ name: "WORKER_PUBLIC_KEY", problem: "does not belong to WORKER_PRIVATE_KEY" });
  const workerPublicKey = derivedKey ?? common?.WORKER_PUBLIC_KEY;
  const storage = common && storageOf(common);
  if (problems.length > 0 || !common || !storage || !workerPublicKey) throw new SettingsError(problems);
  return {
    publicUrl: common.PUBLIC_URL,
    tenantId: common.TENANT_ID,
    loginUrl: common.LOGIN_URL,
    graphUrl: common.GRAPH_URL,
    api: {
      audiences: [common.API_AUDIENCE, `api://${common.API_AUDIENCE}`],
      clientIds: common.API_CLIENT_IDS,
    },
    signIn: { clientId: common.SIGN_IN_CLIENT_ID, clientSecret: common.SIGN_IN_CLIENT_SECRET },
    azureClientId: common.AZURE_CLIENT_ID,
    storage,
    auditCopy: auditCopyOf(common),
    serviceBus: serviceBusOf(common),
    handover: common.HANDOVER,
    policyOverride: common.POLICY_OVERRIDE,
    policyDirectory: common.POLICY_DIRECTORY ?? join(packageRoot(), "policy"),
    compiledPolicyFile: join(packageRoot(), "dist", "policy.json"),
    linkKeys: common.LINK_KEYS,
    workerPublicKey,
    checkpointKey: checkpointKeyOf(common),
    worker: worker && { privateKey: worker.WORKER_PRIVATE_KEY, macKeys: worker.MAC_KEYS },
    servicenow: servicenow && serviceNowSettings(servicenow),
    jira: jira && jiraSettings(jira),
    mailSender: common.MAIL_SENDER,
    taskHubName: common.TASK_HUB_NAME,
  };
}

const serviceNowSettings = (group: z.infer<typeof SERVICENOW>): ServiceNowSettings => ({
  url: group.SERVICENOW_URL,
  clientId: group.SERVICENOW_CLIENT_ID,
  clientSecret: group.SERVICENOW_CLIENT_SECRET,
  webhookSecrets: group.SERVICENOW_WEBHOOK_SECRETS,
  signatureEncoding: group.SERVICENOW_SIGNATURE_ENCODING,
});

const jiraSettings = (group: z.infer<typeof JIRA>): JiraSettings => ({
  url: group.JIRA_URL,
  user: group.JIRA_USER,
  apiToken: group.JIRA_API_TOKEN,
  webhookSecrets: group.JIRA_WEBHOOK_SECRETS,
  automationSecrets: group.JIRA_AUTOMATION_SECRETS,
});

/** What is wrong with settings that depend on each other. */
function problemsBetween(given: Readonly<Record<string, string>>): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const storages = ["STORAGE_CONNECTION", "STORAGE_TABLE_URL"].filter((name) => name in given);
  if (storages.length === 0)
    problems.push({ name: "STORAGE_CONNECTION", problem: "is missing, and so is STORAGE_TABLE_URL: one is needed" });
  if (storages.length === 2)
    problems.push({ name: "STORAGE_CONNECTION", problem: "and STORAGE_TABLE_URL are both there: only one may be" });
  if ("AUDIT_COPY_URL" in given && "AUDIT_COPY_CONNECTION" in given)
    problems.push({ name: "AUDIT_COPY_URL", problem: "and AUDIT_COPY_CONNECTION are both there: only one may be" });
  const checkpointKeys = Object.keys(given).filter((name) => /^CHECKPOINT_(KEY|KEY_ID|PUBLIC_KEY)$/.test(name));
  if (checkpointKeys.length > 1)
    problems.push({ name: checkpointKeys.join(", "), problem: "are there together: only one may be" });
  if ("SERVICE_BUS" in given && "SERVICE_BUS__fullyQualifiedNamespace" in given)
    problems.push({
      name: "SERVICE_BUS",
      problem: "and SERVICE_BUS__fullyQualifiedNamespace are both there: only one may be",
    });
  if (given["HANDOVER"] === "queue" && !("SERVICE_BUS" in given || "SERVICE_BUS__fullyQualifiedNamespace" in given))
    problems.push({ name: "HANDOVER", problem: "is queue, which needs SERVICE_BUS" });
  if (!("WORKER_PUBLIC_KEY" in given || "WORKER_PRIVATE_KEY" in given))
    problems.push({ name: "WORKER_PUBLIC_KEY", problem: "is missing, and so is WORKER_PRIVATE_KEY: one is needed" });
  return problems;
}

function storageOf(common: z.infer<typeof COMMON>): Settings["storage"] | undefined {
  if (common.STORAGE_CONNECTION) return { kind: "connection", connection: common.STORAGE_CONNECTION };
  return common.STORAGE_TABLE_URL ? { kind: "identity", tableUrl: common.STORAGE_TABLE_URL } : undefined;
}

function auditCopyOf(common: z.infer<typeof COMMON>): Settings["auditCopy"] {
  if (common.AUDIT_COPY_CONNECTION) return { kind: "connection", connection: common.AUDIT_COPY_CONNECTION };
  const { AUDIT_COPY_URL: containerUrl } = common;
  return containerUrl === undefined ? undefined : { kind: "identity", containerUrl };
}

function checkpointKeyOf(common: z.infer<typeof COMMON>): Settings["checkpointKey"] {
  const { CHECKPOINT_KEY: privateKey, CHECKPOINT_KEY_ID: keyId, CHECKPOINT_PUBLIC_KEY: publicKey } = common;
  if (privateKey) return { kind: "pem", privateKey };
  if (keyId !== undefined) return { kind: "vault", keyId };
  return publicKey && { kind: "public", publicKey };
}

function serviceBusOf(common: z.infer<typeof COMMON>): Settings["serviceBus"] {
  if (common.SERVICE_BUS) return { kind: "connection", connection: common.SERVICE_BUS };
  const { SERVICE_BUS__fullyQualifiedNamespace: fullyQualifiedNamespace } = common;
  return fullyQualifiedNamespace === undefined ? undefined : { kind: "identity", fullyQualifiedNamespace };
}

function read<T>(schema: z.ZodType<T>, given: Readonly<Record<string, string>>, problems: SettingProblem[]) {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  problems.push(...result.error.issues.map(({ path, message }) => ({ name: path.join("."), problem: message })));
  return undefined;
}

const readGroup = <T>(
  schema: z.ZodType<T> & { readonly shape: object },
  given: Readonly<Record<string, string>>,
  problems: SettingProblem[],
): T | undefined =>
  Object.keys(schema.shape).some((name) => name in given) ? read(schema, given, problems) : undefined;

/** The folder of `package.json`: the bundle and the sources lie at different depths below it. */
function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
