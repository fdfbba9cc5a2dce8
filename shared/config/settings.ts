import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type * as z from "zod";
import {
  COMMON,
  FRONT,
  includes,
  JIRA_API,
  JIRA_HOOK,
  PART,
  SECRETS,
  SERVICENOW_API,
  SERVICENOW_HOOK,
  SWEEPER,
  WORKER,
  type AppPart,
  type SplitPart,
} from "./parts.ts";
import type { Secret } from "./secret.ts";
import * as form from "./setting-forms.ts";

/**
 * What the environment says, whole and checked. Addresses have no trailing slash; one that begins with `http:` is a
 * literal loopback address, and that alone may set an SDK's allow-insecure flag.
 */
export interface Settings {
  readonly part: AppPart;
  /** Base of links, and of the redirect of the browser sign-in. */
  readonly publicUrl: string;
  readonly tenantId: string;
  readonly loginUrl: string;
  readonly graphUrl: string;
  /** Client id of a user-assigned identity; `undefined` = the system-assigned one. */
  readonly azureClientId: string | undefined;
  readonly storage:
    | { readonly kind: "connection"; readonly connection: Secret }
    | { readonly kind: "identity"; readonly tableUrl: string }
    | {
        readonly kind: "signatures";
        readonly tableUrl: string;
        readonly signatures: Secret<ReadonlyMap<string, string>>;
      };
  /** Messages in and events out; `undefined` = neither. */
  readonly serviceBus:
    | { readonly kind: "connection"; readonly connection: Secret }
    | { readonly kind: "identity"; readonly fullyQualifiedNamespace: string }
    | undefined;
  /** How the others reach the worker: through the task hub, or through the queue `ticket-events`, which needs a bus. */
  readonly handover: "direct" | "queue";
  readonly policyDirectory: string;
  /** The policy as the build checked it; used only for the very same texts. */
  readonly compiledPolicyFile: string;
  /** Where the files lie that run now. */
  readonly packageDirectory: string;
  readonly linkKeys: Secret<form.KeyRing>;
  readonly taskHubName: string;
  /** Only where the front runs. */
  readonly front: FrontSettings | undefined;
  /** Only where the worker runs: what opens sign-ins and seals records. */
  readonly worker: WorkerSettings | undefined;
  /** Only where the sweeper runs. */
  readonly sweeper: SweeperSettings | undefined;
  /** Object id of the mailbox that messages are sent from; a front sends none. */
  readonly mailSender: string | undefined;
  /** How tickets are read; a front reads none. */
  readonly servicenow: ServiceNowSettings | undefined;
  readonly jira: JiraSettings | undefined;
}

export interface FrontSettings {
  readonly api: {
    /** Accepted in `aud`: the client id and `api://<client id>`. */
    readonly audiences: readonly string[];
    /** Accepted in `azp`. */
    readonly clientIds: readonly string[];
  };
  readonly signIn: { readonly clientId: string; readonly clientSecret: Secret };
  /** Sign-ins are encrypted to this key; the front has no more than that. */
  readonly workerPublicKey: KeyObject;
  /** What checkpoints are verified with, where no sweeper beside it knows; `undefined` = there are none. */
  readonly checkpointPublicKey: KeyObject | undefined;
  readonly servicenow: ServiceNowHook | undefined;
  readonly jira: JiraHook | undefined;
}

export interface WorkerSettings {
  /** Whose id tokens count. */
  readonly signInClientId: string;
  readonly privateKey: KeyObject;
  readonly macKeys: Secret<form.KeyRing>;
  /** Hash of a policy that takes effect without two persons, in an emergency. */
  readonly policyOverride: string | undefined;
}

export interface SweeperSettings {
  /** Signs the checkpoints of the audit trail; `undefined` = none are written. */
  readonly checkpointKey:
    | { readonly kind: "pem"; readonly privateKey: KeyObject }
    | { readonly kind: "vault"; readonly keyId: string }
    | undefined;
  /** Where the audit trail is copied to; `undefined` = nowhere. */
  readonly auditCopy:
    | { readonly kind: "connection"; readonly connection: Secret }
    | { readonly kind: "identity"; readonly containerUrl: string }
    | undefined;
}

export interface ServiceNowSettings {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
}

export interface ServiceNowHook {
  readonly webhookSecrets: Secret<readonly string[]>;
  readonly signatureEncoding: "base64" | "hex";
}

export interface JiraSettings {
  readonly url: string;
  readonly user: string;
  readonly apiToken: Secret;
}

export interface JiraHook {
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

type Given = Readonly<Record<string, string>>;

/** Reads the environment once, at start. A blank setting counts as missing. @throws SettingsError naming all problems at once */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given: Given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value]] : [])),
  );
  const problems: SettingProblem[] = [];
  const common = read(COMMON, given, problems);
  const part = COMMON.shape.APP_PART.catch(PART.all).parse(given["APP_PART"]); // also where other settings are missing
  problems.push(...problemsBetween(given, part));
  const front = includes(part, "front") ? readFront(given, problems) : undefined;
  const worker = includes(part, "worker") ? read(WORKER, given, problems) : undefined;
  const sweeper = includes(part, "sweeper") ? read(SWEEPER, given, problems) : undefined;
  const readsTickets = part !== "front";
  const servicenow = readsTickets ? readGroup(SERVICENOW_API, given, problems, SERVICENOW_HOOK) : undefined;
  const jira = readsTickets ? readGroup(JIRA_API, given, problems, JIRA_HOOK) : undefined;
  const storage = common && storageOf(common);
  if (problems.length > 0 || !common || !storage) throw new SettingsError(eachOnce(problems));
  return {
    part,
    publicUrl: common.PUBLIC_URL,
    tenantId: common.TENANT_ID,
    loginUrl: common.LOGIN_URL,
    graphUrl: common.GRAPH_URL,
    azureClientId: common.AZURE_CLIENT_ID,
    storage,
    serviceBus: serviceBusOf(common),
    handover: common.HANDOVER ?? (part === "all" ? "direct" : "queue"),
    policyDirectory: common.POLICY_DIRECTORY ?? join(packageRoot(), "policy"),
    compiledPolicyFile: join(packageRoot(), "dist", "policy.json"),
    packageDirectory: packageRoot(),
    linkKeys: common.LINK_KEYS,
    taskHubName: common.TASK_HUB_NAME,
    front: front && frontSettings(front, worker),
    worker: worker && {
      signInClientId: worker.SIGN_IN_CLIENT_ID,
      privateKey: worker.WORKER_PRIVATE_KEY,
      macKeys: worker.MAC_KEYS,
      policyOverride: worker.POLICY_OVERRIDE,
    },
    sweeper: sweeper && { checkpointKey: checkpointKeyOf(sweeper), auditCopy: auditCopyOf(sweeper) },
    mailSender: (worker ?? sweeper)?.MAIL_SENDER,
    servicenow: servicenow && {
      url: servicenow.SERVICENOW_URL,
      clientId: servicenow.SERVICENOW_CLIENT_ID,
      clientSecret: servicenow.SERVICENOW_CLIENT_SECRET,
    },
    jira: jira && { url: jira.JIRA_URL, user: jira.JIRA_USER, apiToken: jira.JIRA_API_TOKEN },
  };
}

/** The front's own settings, with the webhooks of the ticket systems that send any. */
function readFront(given: Given, problems: SettingProblem[]) {
  const front = read(FRONT, given, problems);
  const alone = given["APP_PART"] === PART.front;
  const servicenow = readGroup(SERVICENOW_HOOK, given, problems, ...(alone ? [] : [SERVICENOW_API]));
  const jira = readGroup(JIRA_HOOK, given, problems, ...(alone ? [] : [JIRA_API]));
  return front && { ...front, servicenow, jira };
}

function frontSettings(
  front: NonNullable<ReturnType<typeof readFront>>,
  worker: z.infer<typeof WORKER> | undefined,
): FrontSettings | undefined {
  const workerPublicKey = worker ? createPublicKey(worker.WORKER_PRIVATE_KEY) : front.WORKER_PUBLIC_KEY;
  if (!workerPublicKey) return undefined;
  return {
    api: {
      audiences: [front.API_AUDIENCE, `api://${front.API_AUDIENCE}`],
      clientIds: front.API_CLIENT_IDS,
    },
    signIn: { clientId: front.SIGN_IN_CLIENT_ID, clientSecret: front.SIGN_IN_CLIENT_SECRET },
    workerPublicKey,
    checkpointPublicKey: front.CHECKPOINT_PUBLIC_KEY,
    servicenow: front.servicenow && {
      webhookSecrets: front.servicenow.SERVICENOW_WEBHOOK_SECRETS,
      signatureEncoding: front.servicenow.SERVICENOW_SIGNATURE_ENCODING,
    },
    jira: front.jira && {
      webhookSecrets: front.jira.JIRA_WEBHOOK_SECRETS,
      automationSecrets: front.jira.JIRA_AUTOMATION_SECRETS,
    },
  };
}

/** What is wrong with settings that depend on each other. */
function problemsBetween(given: Given, part: AppPart): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const problem = (name: string, text: string): unknown => problems.push({ name, problem: text });
  const has = (name: string): boolean => name in given;
  const storages = ["STORAGE_CONNECTION", "STORAGE_TABLE_URL"].filter(has);
  if (storages.length === 0) problem("STORAGE_CONNECTION", "is missing, and so is STORAGE_TABLE_URL: one is needed");
  if (storages.length === 2) problem("STORAGE_CONNECTION", "and STORAGE_TABLE_URL are both there: only one may be");
  if (has("STORAGE_TABLE_SAS") && !has("STORAGE_TABLE_URL")) problem("STORAGE_TABLE_SAS", "needs STORAGE_TABLE_URL");
  if (has("AUDIT_COPY_URL") && has("AUDIT_COPY_CONNECTION"))
    problem("AUDIT_COPY_URL", "and AUDIT_COPY_CONNECTION are both there: only one may be");
  const checkpointKeys = ["CHECKPOINT_KEY", "CHECKPOINT_KEY_ID", "CHECKPOINT_PUBLIC_KEY"].filter(has);
  if (checkpointKeys.length > 1) problem(checkpointKeys.join(", "), "are there together: only one may be");
  const hasBus = has("SERVICE_BUS") || has("SERVICE_BUS__fullyQualifiedNamespace");
  if (has("SERVICE_BUS") && has("SERVICE_BUS__fullyQualifiedNamespace"))
    problem("SERVICE_BUS", "and SERVICE_BUS__fullyQualifiedNamespace are both there: only one may be");
  if (given["HANDOVER"] === "queue" && !hasBus) problem("HANDOVER", "is queue, which needs SERVICE_BUS");
  if (part !== "all") {
    if (given["HANDOVER"] === "direct")
      problem("HANDOVER", `is direct, but APP_PART is ${part}: parts meet in the queue`);
    if (!hasBus) problem("SERVICE_BUS", `is missing: APP_PART is ${part}, and parts meet in a queue`);
    for (const name of foreignSecrets(part).filter(has)) problem(name, `is not the ${part}'s: take it away from here`);
  }
  if (part === "front" && !has("WORKER_PUBLIC_KEY")) problem("WORKER_PUBLIC_KEY", "is missing");
  const [publicKey, privateKey] = [
    form.publicKey.safeParse(given["WORKER_PUBLIC_KEY"]),
    form.privateKey.safeParse(given["WORKER_PRIVATE_KEY"]),
  ];
  if (publicKey.data && privateKey.data && !publicKey.data.equals(createPublicKey(privateKey.data)))
    problem("WORKER_PUBLIC_KEY", "does not belong to WORKER_PRIVATE_KEY");
  if (haveOneInCommon(given["LINK_KEYS"], given["MAC_KEYS"]))
    problem("MAC_KEYS", "holds a key of LINK_KEYS, which the front knows: whoever takes the front over could seal");
  return problems;
}

function haveOneInCommon(linkKeys: string | undefined, macKeys: string | undefined): boolean {
  const [link = [], mac = []] = [linkKeys, macKeys].map((text) => form.keyRing.safeParse(text).data?.reveal().keys);
  return mac.some(({ secret }) => link.some((one) => Buffer.from(one.secret).equals(secret)));
}

const foreignSecrets = (part: SplitPart): readonly string[] =>
  [...new Set(Object.values(SECRETS).flat())].filter((name) => !SECRETS[part].includes(name));

/** Two parts in one process may need the same setting. */
const eachOnce = (problems: readonly SettingProblem[]): readonly SettingProblem[] =>
  problems.filter(({ name }, index) => problems.findIndex((one) => one.name === name) === index);

function storageOf(common: z.infer<typeof COMMON>): Settings["storage"] | undefined {
  if (common.STORAGE_CONNECTION) return { kind: "connection", connection: common.STORAGE_CONNECTION };
  const { STORAGE_TABLE_URL: tableUrl, STORAGE_TABLE_SAS: signatures } = common;
  if (tableUrl === undefined) return undefined;
  return signatures ? { kind: "signatures", tableUrl, signatures } : { kind: "identity", tableUrl };
}

function auditCopyOf(sweeper: z.infer<typeof SWEEPER>): SweeperSettings["auditCopy"] {
  if (sweeper.AUDIT_COPY_CONNECTION) return { kind: "connection", connection: sweeper.AUDIT_COPY_CONNECTION };
  const { AUDIT_COPY_URL: containerUrl } = sweeper;
  return containerUrl === undefined ? undefined : { kind: "identity", containerUrl };
}

function checkpointKeyOf(sweeper: z.infer<typeof SWEEPER>): SweeperSettings["checkpointKey"] {
  const { CHECKPOINT_KEY: privateKey, CHECKPOINT_KEY_ID: keyId } = sweeper;
  if (privateKey) return { kind: "pem", privateKey };
  return keyId === undefined ? undefined : { kind: "vault", keyId };
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

/** All or nothing: a group is read as soon as one of its settings is there, or one of a group that goes with it. */
const readGroup = <T>(
  schema: z.ZodType<T> & Shaped,
  given: Given,
  problems: SettingProblem[],
  ...companions: readonly Shaped[]
): T | undefined =>
  [schema, ...companions].some(({ shape }) => Object.keys(shape).some((name) => name in given))
    ? read(schema, given, problems)
    : undefined;

interface Shaped {
  readonly shape: object;
}

/** The folder of `package.json`: the bundle and the sources lie at different depths below it. */
function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
