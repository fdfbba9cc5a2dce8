import { randomUUID } from "node:crypto";
import { ACCOUNTS, APPS, dailyId, PIPELINE, SUBSCRIPTION_ID, TENANT_ID } from "../seed.ts";
import { BUILT_IN_ROLES, type RoleActions } from "./roles.ts";

const SUBSCRIPTION = `/subscriptions/${SUBSCRIPTION_ID}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/zero-standing`;

/** A document by its path: what Azure Resource Manager answers for it. */
export type Document = Readonly<Record<string, unknown>>;

export interface RoleAssignment {
  readonly id: string;
  readonly scope: string;
  /** Its name. */
  readonly role: string;
  readonly principalId: string;
  readonly principalType: "User" | "Group" | "ServicePrincipal";
  /** May be activated, instead of being in force. */
  readonly eligible: boolean;
}

/** The subscription of the local stack. Lives in memory: a restart brings the seed back. */
export class AzureState {
  readonly documents = new Map<string, Document>();
  readonly assignments: RoleAssignment[] = [];
  /** By name, custom ones too. */
  readonly roles = new Map<string, RoleActions>(Object.entries(BUILT_IN_ROLES));
  pageSize = 100;

  constructor(now: number) {
    for (const document of seedDocuments(now)) this.documents.set(keyOf(document["id"]), document);
    for (const one of SEED_ASSIGNMENTS) this.assign(one);
  }

  assign(one: Omit<RoleAssignment, "id" | "eligible"> & { readonly eligible?: boolean | undefined }): RoleAssignment {
    const { eligible = false, scope, role } = one;
    if (!this.roles.has(role)) throw new Error(`there is no role ${role}`);
    const id = `${scope === "/" ? "" : scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    const assignment = { ...one, id, eligible };
    this.assignments.push(assignment);
    return assignment;
  }
}

/** Paths of Azure Resource Manager are compared without case. */
export const keyOf = (path: unknown): string => String(path).toLowerCase();

const SEED_ASSIGNMENTS: readonly Omit<RoleAssignment, "id" | "eligible">[] = [
  { scope: GROUP, role: "Contributor", principalId: PIPELINE.objectId, principalType: "ServicePrincipal" },
  { scope: GROUP, role: "Owner", principalId: dailyId(5), principalType: "User" },
  ...[3, 4].map((n) => ({ scope: GROUP, role: "Reader", principalId: dailyId(n), principalType: "User" }) as const),
  { scope: SUBSCRIPTION, role: "Reader", principalId: dailyId(10), principalType: "User" },
  ...(
    [
      ["Storage Table Data Contributor", "Microsoft.Storage/storageAccounts/zerostanding"],
      ["Key Vault Secrets User", "Microsoft.KeyVault/vaults/zero-standing"],
      ["Azure Service Bus Data Sender", "Microsoft.ServiceBus/namespaces/zero-standing"],
    ] as const
  ).map(
    ([role, resource]) =>
      ({
        scope: `${GROUP}/providers/${resource}`,
        role,
        principalId: APPS.worker.objectId,
        principalType: "ServicePrincipal",
      }) as const,
  ),
];

const SECRETS = [
  "LINK_KEYS",
  "MAC_KEYS",
  "WORKER_PRIVATE_KEY",
  "SIGN_IN_CLIENT_SECRET",
  "SERVICENOW_CLIENT_SECRET",
  "SERVICENOW_WEBHOOK_SECRETS",
];

const secretName = (setting: string): string => setting.replaceAll("_", "-");

/** What one app that is all parts has in Azure; no secret among it. */
const SETTINGS: Readonly<Record<string, string>> = {
  APP_PART: "all",
  PUBLIC_URL: "https://zero-standing.azurewebsites.net",
  TENANT_ID,
  API_AUDIENCE: APPS.api.clientId,
  API_CLIENT_IDS: APPS.cli.clientId,
  SIGN_IN_CLIENT_ID: APPS.signIn.clientId,
  MAIL_SENDER: ACCOUNTS.mailSender,
  TASK_HUB_NAME: "ZeroStanding",
  HANDOVER: "direct",
  STORAGE_TABLE_URL: "https://zerostanding.table.core.windows.net/",
  SERVICE_BUS__fullyQualifiedNamespace: "zero-standing.servicebus.windows.net",
  AzureWebJobsStorage__accountName: "zerostandinghub",
  CHECKPOINT_KEY_ID: "https://zero-standing.vault.azure.net/keys/checkpoint",
  AUDIT_COPY_URL: "https://zerostandingaudit.blob.core.windows.net/audit",
  SERVICENOW_URL: "https://contoso.service-now.com",
  SERVICENOW_CLIENT_ID: "zero-standing",
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: "Authorization=AAD",
  ...Object.fromEntries(
    SECRETS.map((name) => [
      name,
      `@Microsoft.KeyVault(SecretUri=https://zero-standing.vault.azure.net/secrets/${secretName(name)})`,
    ]),
  ),
};

const DAY_SECONDS = 86_400;

function seedDocuments(now: number): readonly Document[] {
  const made = Math.floor(now / 1_000) - 90 * DAY_SECONDS;
  const resource = (type: string, name: string, more: Document): Document => ({
    id: `${GROUP}/providers/${type}/${name}`,
    name,
    type,
    location: "westeurope",
    ...more,
  });
  const under = (parent: string, type: string, name: string, properties: Document): Document => ({
    id: `${GROUP}/providers/${parent}/${name}`,
    name: name.slice(name.lastIndexOf("/") + 1),
    type,
    properties,
  });
  const site = "Microsoft.Web/sites/zero-standing";
  const storage = (name: string): Document =>
    resource("Microsoft.Storage/storageAccounts", name, {
      properties: {
        allowSharedKeyAccess: false,
        allowBlobPublicAccess: false,
        minimumTlsVersion: "TLS1_2",
        supportsHttpsTrafficOnly: true,
      },
    });
  const attributes = { enabled: true, created: made, updated: made, exp: made + 365 * DAY_SECONDS };
  return [
    resource("Microsoft.Web/sites", "zero-standing", {
      identity: {
        type: "SystemAssigned",
        principalId: APPS.worker.objectId,
        tenantId: TENANT_ID,
      },
      tags: { part: "all" },
      properties: {
        httpsOnly: true,
        state: "Running",
        publicNetworkAccess: "Enabled",
        functionAppConfig: {
          deployment: {
            storage: {
              type: "blobContainer",
              value: "https://zerostandinghub.blob.core.windows.net/package",
              authentication: { type: "SystemAssignedIdentity" },
            },
          },
        },
      },
    }),
    under(site, "Microsoft.Web/sites/config", "config/appsettings", SETTINGS),
    under(site, "Microsoft.Web/sites/config", "config/web", {
      ftpsState: "Disabled",
      minTlsVersion: "1.2",
      remoteDebuggingEnabled: false,
      appCommandLine: "",
      ipSecurityRestrictionsDefaultAction: "Allow",
      ipSecurityRestrictions: [{ ipAddress: "Any", action: "Allow", priority: 2_147_483_647, name: "Allow all" }],
    }),
    ...["scm", "ftp"].map((name) =>
      under(
        site,
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
        `basicPublishingCredentialsPolicies/${name}`,
        {
          allow: false,
        },
      ),
    ),
    storage("zerostanding"),
    storage("zerostandinghub"),
    storage("zerostandingaudit"),
    under(
      "Microsoft.Storage/storageAccounts/zerostandingaudit",
      "Microsoft.Storage/storageAccounts/blobServices/containers",
      "blobServices/default/containers/audit",
      { publicAccess: "None", hasImmutabilityPolicy: true, hasLegalHold: false },
    ),
    under(
      "Microsoft.Storage/storageAccounts/zerostandingaudit",
      "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies",
      "blobServices/default/containers/audit/immutabilityPolicies/default",
      { state: "Locked", immutabilityPeriodSinceCreationInDays: 2_555, allowProtectedAppendWrites: true },
    ),
    resource("Microsoft.KeyVault/vaults", "zero-standing", {
      properties: { enableRbacAuthorization: true, enableSoftDelete: true, enablePurgeProtection: true },
    }),
    ...SECRETS.map(secretName).map((name) =>
      under("Microsoft.KeyVault/vaults/zero-standing", "Microsoft.KeyVault/vaults/secrets", `secrets/${name}`, {
        attributes,
      }),
    ),
    resource("Microsoft.ServiceBus/namespaces", "zero-standing", {
      properties: { disableLocalAuth: true, minimumTlsVersion: "1.2" },
    }),
    resource("Microsoft.ManagedIdentity/userAssignedIdentities", "zero-standing-sweeper", {
      properties: { principalId: APPS.sweeper.objectId, clientId: APPS.sweeper.clientId },
    }),
  ];
}
