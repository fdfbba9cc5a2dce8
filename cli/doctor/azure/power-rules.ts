/** What somebody can do to an installation by the actions of a role, where its resources are in reach. */
export interface PowerRule {
  /** In lower case; `*` = whatever is in reach; the group itself is in reach of what is at it or above. */
  readonly resourceType: string;
  readonly what: string;
  readonly actions: readonly string[];
  /** Reads that give secrets away, for who has more than to read everything there is (Reader): Azure keeps that out. */
  readonly secretReads?: readonly string[];
  readonly dataActions?: readonly string[];
  /** Any data action below this counts, unless it only reads: what there is, is not published. */
  readonly anyDataBelow?: string;
}

const of = (provider: string, actions: readonly string[]): readonly string[] =>
  actions.map((action) => `${provider}/${action}`);

export const SENDS_MESSAGES = "send messages as any system";
export const RESOURCE_GROUP = "microsoft.resources/resourcegroups";

const WEB = "Microsoft.Web/sites";
const STORAGE = "Microsoft.Storage/storageAccounts";
const VAULT = "Microsoft.KeyVault/vaults";
const BUS = "Microsoft.ServiceBus/namespaces";
const BLOBS = "blobServices/containers/blobs";
const MESSAGES = "queueServices/queues/messages";
const ENTITIES = "tableServices/tables/entities";

/**
 * One action of a rule is enough. Left out: what only reads, what only stops or deletes an app, and deployments of
 * templates, which need the actions themselves.
 * @see https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
 */
export const POWER_RULES: readonly PowerRule[] = [
  {
    resourceType: "*",
    what: "give anybody rights",
    actions: of("Microsoft.Authorization", [
      "roleAssignments/write",
      "roleDefinitions/write",
      "roleEligibilityScheduleRequests/write",
      "roleAssignmentScheduleRequests/write",
      "roleManagementPolicies/write",
      "elevateAccess/action",
    ]),
  },
  {
    resourceType: "microsoft.web/sites",
    what: "deploy to or configure the apps",
    actions: of(WEB, [
      "write",
      "config/write",
      "config/delete",
      "config/list/action",
      "config/web/appsettings/write",
      "config/web/connectionstrings/write",
      "config/snapshots/listsecrets/action",
      "publish/action",
      "publishxml/action",
      "newpassword/action",
      "deployments/write",
      "extensions/write",
      "extensions/api/action",
      "siteextensions/write",
      "sitecontainers/write",
      "sourcecontrols/write",
      "slots/write",
      "slotsswap/action",
      "slotcopy/action",
      "applySlotConfig/action",
      "backup/write",
      "backups/restore/action",
      "restore/write",
      "restoresnapshot/action",
      "restorefrombackupblob/action",
      "restorefromdeletedapp/action",
      "recover/action",
      "host/listkeys/action",
      "host/functionkeys/write",
      "host/systemkeys/write",
      "hostruntime/host/action",
      "functions/write",
      "functions/listkeys/action",
      "functions/listsecrets/action",
      "functions/keys/write",
      "networkConfig/write",
      "privateEndpointConnections/write",
      "basicPublishingCredentialsPolicies/write",
      "basicPublishingCredentialsPolicies/scm/write",
      "basicPublishingCredentialsPolicies/ftp/write",
    ]),
    secretReads: of(WEB, [
      "functions/masterkey/read",
      "functions/token/read",
      "hostruntime/host/_master/read",
      "hostruntime/functions/keys/read",
      "config/web/appsettings/read",
      "config/web/connectionstrings/read",
    ]),
  },
  {
    resourceType: "microsoft.managedidentity/userassignedidentities",
    what: "act as the identities",
    actions: of("Microsoft.ManagedIdentity/userAssignedIdentities", [
      "write",
      "assign/action",
      "any/assign/action",
      "federatedIdentityCredentials/write",
    ]),
  },
  {
    resourceType: "microsoft.storage/storageaccounts",
    what: "take over the storage",
    actions: of(STORAGE, [
      "write",
      "listkeys/action",
      "regeneratekey/action",
      "ListAccountSas/action",
      "ListServiceSas/action",
      "restoreBlobRanges/action",
      "localUsers/write",
      "localUsers/listKeys/action",
      "localUsers/regeneratePassword/action",
      "objectReplicationPolicies/write",
      "managementPolicies/write",
      "blobServices/write",
      "blobServices/containers/write",
      "blobServices/containers/delete",
      "blobServices/containers/immutabilityPolicies/write",
      "blobServices/containers/immutabilityPolicies/delete",
      "tableServices/tables/write",
      "tableServices/tables/delete",
    ]),
    dataActions: of(STORAGE, [
      `${BLOBS}/write`,
      `${BLOBS}/delete`,
      `${BLOBS}/add/action`,
      `${BLOBS}/move/action`,
      `${BLOBS}/deleteBlobVersion/action`,
      `${BLOBS}/permanentDelete/action`,
      `${BLOBS}/manageOwnership/action`,
      `${BLOBS}/modifyPermissions/action`,
      `${BLOBS}/runAsSuperUser/action`,
      `${BLOBS}/immutableStorage/runAsSuperUser/action`,
      `${ENTITIES}/write`,
      `${ENTITIES}/add/action`,
      `${ENTITIES}/update/action`,
      `${ENTITIES}/delete`,
      `${MESSAGES}/write`,
      `${MESSAGES}/add/action`,
      `${MESSAGES}/process/action`,
      `${MESSAGES}/delete`,
    ]),
  },
  {
    resourceType: "microsoft.keyvault/vaults",
    what: "read or change the secrets",
    actions: of(VAULT, ["write", "accessPolicies/write", "deploy/action", "secrets/write", "keys/write"]),
    dataActions: of(VAULT, [
      ...["getSecret", "setSecret", "update", "backup", "restore", "recover"].map((one) => `secrets/${one}/action`),
      ...["sign", "decrypt", "unwrap", "release", "create", "import", "update", "rotate"].map(
        (one) => `keys/${one}/action`,
      ),
      ...["backup", "restore", "recover"].map((one) => `keys/${one}/action`),
      "keyrotationpolicies/write",
    ]),
  },
  {
    resourceType: "microsoft.servicebus/namespaces",
    what: SENDS_MESSAGES,
    actions: of(BUS, [
      "write",
      "queues/write",
      "topics/write",
      "topics/subscriptions/write",
      ...["", "queues/", "topics/"].flatMap((entity) => [
        `${entity}authorizationRules/write`,
        `${entity}authorizationRules/listKeys/action`,
        `${entity}authorizationRules/regenerateKeys/action`,
      ]),
    ]),
    dataActions: of(BUS, ["messages/send/action"]),
  },
  {
    resourceType: "microsoft.durabletask/schedulers",
    what: "start, wake and stop orchestrations",
    actions: [],
    anyDataBelow: "Microsoft.DurableTask/schedulers/",
  },
  {
    resourceType: RESOURCE_GROUP,
    what: "move the resources to where others have rights",
    actions: ["Microsoft.Resources/subscriptions/resourceGroups/moveResources/action"],
  },
];
