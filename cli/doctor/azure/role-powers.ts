/** What somebody can do to an installation by the actions of a role, where its resources are in reach. */
interface PowerRule {
  /** In lower case; `*` = whatever is in reach. */
  readonly resourceType: string;
  readonly what: string;
  readonly actions: readonly string[];
  readonly dataActions?: readonly string[];
}

const WEB = "Microsoft.Web/sites/";
const STORAGE = "Microsoft.Storage/storageAccounts/";
const VAULT = "Microsoft.KeyVault/vaults/";
const BUS = "Microsoft.ServiceBus/namespaces/";
const IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities/";
const AUTHORIZATION = "Microsoft.Authorization/";

/**
 * One action of a rule is enough. Left out: what only reads, and deployments of templates, which need the actions
 * themselves. @see https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
 */
const RULES: readonly PowerRule[] = [
  {
    resourceType: "*",
    what: "give anybody rights",
    actions: [
      "roleAssignments/write",
      "roleDefinitions/write",
      "roleEligibilityScheduleRequests/write",
      "roleAssignmentScheduleRequests/write",
      "roleManagementPolicies/write",
      "elevateAccess/action",
    ].map((action) => AUTHORIZATION + action),
  },
  {
    resourceType: "microsoft.web/sites",
    what: "deploy to or configure the apps",
    actions: [
      "write",
      "config/write",
      "config/list/action",
      "publish/action",
      "publishxml/action",
      "extensions/write",
      "sourcecontrols/write",
      "slots/write",
      "host/listkeys/action",
      "functions/write",
      "functions/listkeys/action",
      "basicPublishingCredentialsPolicies/write",
    ].map((action) => WEB + action),
  },
  {
    resourceType: "microsoft.managedidentity/userassignedidentities",
    what: "act as the identities",
    actions: ["write", "assign/action", "any/assign/action", "federatedIdentityCredentials/write"].map(
      (action) => IDENTITY + action,
    ),
  },
  {
    resourceType: "microsoft.storage/storageaccounts",
    what: "take over the storage",
    actions: [
      "write",
      "listkeys/action",
      "regeneratekey/action",
      "ListAccountSas/action",
      "ListServiceSas/action",
      "blobServices/write",
      "blobServices/containers/write",
      "blobServices/containers/delete",
      "blobServices/containers/immutabilityPolicies/write",
    ].map((action) => STORAGE + action),
    dataActions: [
      "blobServices/containers/blobs/write",
      "blobServices/containers/blobs/delete",
      "blobServices/containers/blobs/add/action",
      "tableServices/tables/entities/write",
      "tableServices/tables/entities/add/action",
      "tableServices/tables/entities/update/action",
      "tableServices/tables/entities/delete",
      "queueServices/queues/messages/write",
      "queueServices/queues/messages/add/action",
    ].map((action) => STORAGE + action),
  },
  {
    resourceType: "microsoft.keyvault/vaults",
    what: "read or change the secrets",
    actions: ["write", "accessPolicies/write", "secrets/write", "keys/write"].map((action) => VAULT + action),
    dataActions: [
      "secrets/getSecret/action",
      "secrets/setSecret/action",
      "keys/sign/action",
      "keys/create/action",
      "keys/import/action",
    ].map((action) => VAULT + action),
  },
  {
    resourceType: "microsoft.servicebus/namespaces",
    what: "send messages as any system",
    actions: ["write", "authorizationRules/write", "authorizationRules/listKeys/action"].map((action) => BUS + action),
    dataActions: ["messages/send/action"].map((action) => BUS + action),
  },
];

/** The permissions of a role definition, as Azure lists them. */
export interface RolePermission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** What a role lets its holder do to resources of these types; `data`: with what is in them only. Pure. */
export function powersOf(
  permissions: readonly RolePermission[],
  resourceTypes: ReadonlySet<string>,
): readonly { readonly what: string; readonly data: boolean }[] {
  return RULES.filter(({ resourceType }) => resourceType === "*" || resourceTypes.has(resourceType)).flatMap(
    ({ what, actions, dataActions = [] }) => {
      const control = permissions.some((one) => actions.some((action) => allows(action, one.actions, one.notActions)));
      const data = permissions.some((one) =>
        dataActions.some((action) => allows(action, one.dataActions, one.notDataActions)),
      );
      return control || data ? [{ what, data: !control }] : [];
    },
  );
}

/** Whether a role gives an action: patterns are compared without case, what is taken away wins. */
export const allows = (action: string, given: readonly string[], taken: readonly string[]): boolean =>
  given.some((pattern) => matches(pattern, action)) && !taken.some((pattern) => matches(pattern, action));

/** Patterns are compared without case; `*` stands for anything, slashes too. */
function matches(pattern: string, action: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  const text = action.toLowerCase();
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  const last = rest.at(-1) ?? "";
  return text.length - last.length >= at && text.endsWith(last);
}
