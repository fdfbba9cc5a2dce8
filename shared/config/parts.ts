import * as z from "zod";
import * as form from "./setting-forms.ts";

/** The three parts of the app, each a process with an identity of its own, and the form where one process is all of them. */
export const PART = { front: "front", worker: "worker", sweeper: "sweeper", all: "all" } as const;
export type AppPart = (typeof PART)[keyof typeof PART];
export type SplitPart = Exclude<AppPart, "all">;

export const SPLIT_PARTS: readonly SplitPart[] = ["front", "worker", "sweeper"];

/** Whether a process that is `part` does the work of `one`. */
export const includes = (part: AppPart, one: SplitPart): boolean => part === "all" || part === one;

/**
 * Secrets by the parts that need them. A part that is given the secret of another one does not start: what it cannot read
 * it cannot lose. `infra/permissions.yaml` gives each identity the same ones.
 */
export const SECRETS: Readonly<Record<SplitPart, readonly string[]>> = {
  front: [
    "LINK_KEYS",
    "SIGN_IN_CLIENT_SECRET",
    "SERVICENOW_WEBHOOK_SECRETS",
    "JIRA_WEBHOOK_SECRETS",
    "JIRA_AUTOMATION_SECRETS",
  ],
  worker: ["LINK_KEYS", "MAC_KEYS", "WORKER_PRIVATE_KEY", "SERVICENOW_CLIENT_SECRET", "JIRA_API_TOKEN"],
  sweeper: ["LINK_KEYS", "CHECKPOINT_KEY", "AUDIT_COPY_CONNECTION", "SERVICENOW_CLIENT_SECRET", "JIRA_API_TOKEN"],
};

/** Every part has these. */
export const COMMON = z.object({
  APP_PART: z.enum(PART, "must be front, worker, sweeper or all").default("all"),
  PUBLIC_URL: form.address,
  TENANT_ID: form.guid,
  LOGIN_URL: form.address.prefault("https://login.microsoftonline.com"),
  GRAPH_URL: form.address.prefault("https://graph.microsoft.com"),
  AZURE_CLIENT_ID: form.guid.optional(),
  STORAGE_CONNECTION: form.storageConnection.optional(),
  STORAGE_TABLE_URL: form.address.optional(),
  STORAGE_TABLE_SAS: form.tableSignatures.optional(),
  SERVICE_BUS: form.busConnection.optional(),
  SERVICE_BUS__fullyQualifiedNamespace: form.hostName.optional(),
  HANDOVER: z.enum(["direct", "queue"], "must be direct or queue").optional(),
  POLICY_DIRECTORY: form.text.optional(),
  LINK_KEYS: form.keyRing,
  TASK_HUB_NAME: form.taskHubName,
});

/** `WORKER_PUBLIC_KEY` may be left out where the worker's own key is there. */
export const FRONT = z.object({
  API_AUDIENCE: form.guid,
  API_CLIENT_IDS: form.guidList,
  SIGN_IN_CLIENT_ID: form.guid,
  SIGN_IN_CLIENT_SECRET: form.secret,
  WORKER_PUBLIC_KEY: form.publicKey.optional(),
  CHECKPOINT_PUBLIC_KEY: form.publicKey.optional(),
});

export const WORKER = z.object({
  SIGN_IN_CLIENT_ID: form.guid,
  WORKER_PRIVATE_KEY: form.privateKey,
  MAC_KEYS: form.keyRing,
  MAIL_SENDER: form.guid,
  POLICY_OVERRIDE: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be the hash of a policy (64 hexadecimal digits)")
    .optional(),
});

export const SWEEPER = z.object({
  MAIL_SENDER: form.guid,
  CHECKPOINT_KEY: form.privateKey.optional(),
  CHECKPOINT_KEY_ID: form.vaultKey.optional(),
  AUDIT_COPY_URL: form.address.optional(),
  AUDIT_COPY_CONNECTION: form.blobConnection.optional(),
});

/** Groups of settings that are all there or none, by the parts that need them. */
export const SERVICENOW_API = z.object({
  SERVICENOW_URL: form.address,
  SERVICENOW_CLIENT_ID: form.text,
  SERVICENOW_CLIENT_SECRET: form.secret,
});
export const SERVICENOW_HOOK = z.object({
  SERVICENOW_WEBHOOK_SECRETS: form.secretPair,
  SERVICENOW_SIGNATURE_ENCODING: z.enum(["base64", "hex"], "must be base64 or hex").default("base64"),
});
export const JIRA_API = z.object({ JIRA_URL: form.address, JIRA_USER: form.text, JIRA_API_TOKEN: form.secret });
export const JIRA_HOOK = z.object({
  JIRA_WEBHOOK_SECRETS: form.secretPair,
  JIRA_AUTOMATION_SECRETS: form.secretPair.optional(),
});
