import { at, scopeOf, type Resource } from "./deployment.ts";

/** Properties that each resource of a type must have, word for word. */
const MUST: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "Microsoft.Storage/storageAccounts": {
    allowSharedKeyAccess: false,
    allowBlobPublicAccess: false,
    allowCrossTenantReplication: false,
    isLocalUserEnabled: false,
    supportsHttpsTrafficOnly: true,
  },
  "Microsoft.Storage/storageAccounts/blobServices/containers": { publicAccess: "None" },
  "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies": {
    allowProtectedAppendWrites: true,
  },
  "Microsoft.ServiceBus/namespaces": { disableLocalAuth: true },
  "Microsoft.KeyVault/vaults": {
    enableRbacAuthorization: true,
    enablePurgeProtection: true,
    accessPolicies: undefined,
  },
  "Microsoft.KeyVault/vaults/keys": { kty: "EC", curveName: "P-256", "attributes.exportable": false },
  "Microsoft.Insights/components": { DisableLocalAuth: true },
  "Microsoft.OperationalInsights/workspaces": { "features.disableLocalAuth": true },
  "Microsoft.Web/sites": {
    httpsOnly: true,
    "siteConfig.ftpsState": "Disabled",
    "siteConfig.remoteDebuggingEnabled": false,
    "functionAppConfig.runtime.name": "node",
    "functionAppConfig.runtime.version": "24",
    "functionAppConfig.deployment.storage.authentication.type": "SystemAssignedIdentity",
  },
  "Microsoft.Web/sites/basicPublishingCredentialsPolicies": { allow: false },
};

/** Where the least version of TLS is said, by type. */
const TLS: Readonly<Record<string, readonly string[]>> = {
  "Microsoft.Storage/storageAccounts": ["minimumTlsVersion"],
  "Microsoft.ServiceBus/namespaces": ["minimumTlsVersion"],
  "Microsoft.Web/sites": ["siteConfig.minTlsVersion", "siteConfig.scmMinTlsVersion"],
};
const GOOD_TLS = ["1.2", "1.3", "TLS1_2", "TLS1_3"];

/** Resources that can send logs or metrics must. */
const LOGGED = [
  "Microsoft.DurableTask/schedulers",
  "Microsoft.KeyVault/vaults",
  "Microsoft.Network/networkSecurityGroups",
  "Microsoft.Network/publicIPAddresses",
  "Microsoft.Network/virtualNetworks",
  "Microsoft.OperationalInsights/workspaces",
  "Microsoft.ServiceBus/namespaces",
  "Microsoft.Storage/storageAccounts",
  "Microsoft.Storage/storageAccounts/blobServices",
  "Microsoft.Storage/storageAccounts/queueServices",
  "Microsoft.Storage/storageAccounts/tableServices",
  "Microsoft.Web/serverfarms",
  "Microsoft.Web/sites",
];
/** These cannot, or are part of one that does. The component's own logs are in the workspace already. */
const NOT_LOGGED = [
  "Microsoft.Authorization/roleAssignments",
  "Microsoft.Authorization/roleDefinitions",
  "Microsoft.DurableTask/schedulers/taskHubs",
  "Microsoft.Insights/actionGroups",
  "Microsoft.Insights/activityLogAlerts",
  "Microsoft.Insights/components",
  "Microsoft.Insights/diagnosticSettings",
  "Microsoft.Insights/metricAlerts",
  "Microsoft.Insights/scheduledQueryRules",
  "Microsoft.KeyVault/vaults/keys",
  "Microsoft.Network/natGateways",
  "Microsoft.Network/privateDnsZones",
  "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
  "Microsoft.Network/privateEndpoints",
  "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
  "Microsoft.Resources/resourceGroups",
  "Microsoft.ServiceBus/namespaces/queues",
  "Microsoft.ServiceBus/namespaces/topics",
  "Microsoft.ServiceBus/namespaces/topics/subscriptions",
  "Microsoft.Storage/storageAccounts/blobServices/containers",
  "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies",
  "Microsoft.Storage/storageAccounts/tableServices/tables",
  "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
];

/** Everything about a deployment that must not be; nothing = fine. */
export const findingsOf = (resources: readonly Resource[]): readonly string[] => [
  ...resources.flatMap(mustFindings),
  ...resources.flatMap(tlsFindings),
  ...resources.flatMap((resource) => logFindings(resource, resources)),
  ...resources.flatMap(secretFindings),
  ...resources.flatMap(wildcardFindings),
  ...resources.flatMap((resource) => publishingFindings(resource, resources)),
];

const mustFindings = (resource: Resource): readonly string[] =>
  Object.entries(MUST[resource.type] ?? {})
    .filter(([path, wanted]) => at(resource, path) !== wanted)
    .map(([path, wanted]) => `${resource.id}: ${path} is ${String(at(resource, path))}, not ${String(wanted)}`);

const tlsFindings = (resource: Resource): readonly string[] =>
  (TLS[resource.type] ?? [])
    .filter((path) => !GOOD_TLS.includes(String(at(resource, path))))
    .map((path) => `${resource.id}: ${path} is ${String(at(resource, path))}`);

function logFindings({ id, type }: Resource, resources: readonly Resource[]): readonly string[] {
  if (NOT_LOGGED.includes(type)) return [];
  if (!LOGGED.includes(type)) return [`${id}: does ${type} send logs? infra/check/findings.ts must say`];
  const sends = resources.some((one) => one.type === "Microsoft.Insights/diagnosticSettings" && scopeOf(one) === id);
  return sends ? [] : [`${id}: sends no logs`];
}

/** A setting whose value is a secret points into the vault; none holds a key. */
function secretFindings(resource: Resource): readonly string[] {
  if (resource.type !== "Microsoft.Web/sites") return [];
  const settings = at(resource, "siteConfig.appSettings") as readonly { name: string; value: string }[];
  return settings
    .filter(
      ({ name, value }) =>
        /AccountKey|SharedAccess|sig=|BEGIN PRIVATE/.test(value) ||
        (/(_KEYS|_SECRETS?|_TOKEN|_PRIVATE_KEY)$/.test(name) && !value.includes("@Microsoft.KeyVault(SecretUri=")),
    )
    .map(({ name }) => `${resource.id}: ${name} holds a secret`);
}

function wildcardFindings(resource: Resource): readonly string[] {
  if (resource.type !== "Microsoft.Authorization/roleDefinitions") return [];
  const permissions = at(resource, "permissions") as readonly Readonly<Record<string, readonly string[]>>[];
  return permissions
    .flatMap((permission) => Object.values(permission).flat())
    .filter((action) => action.includes("*"))
    .map((action) => `${String(at(resource, "roleName"))}: ${action}`);
}

function publishingFindings({ id, type }: Resource, resources: readonly Resource[]): readonly string[] {
  if (type !== "Microsoft.Web/sites") return [];
  return ["scm", "ftp"]
    .filter((door) => !resources.some((one) => one.id === `${id}/basicPublishingCredentialsPolicies/${door}`))
    .map((door) => `${id}: ${door} takes a password`);
}
