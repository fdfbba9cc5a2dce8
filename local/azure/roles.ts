/**
 * Built-in roles of Azure, as far as the seed and the tests assign them: the actions that matter here.
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
interface RoleActions {
  readonly id: string;
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions?: readonly string[];
}

export const AZURE_ROLES = {
  Owner: { id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", actions: ["*"] },
  Contributor: {
    id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
      "Microsoft.Blueprint/blueprintAssignments/write",
      "Microsoft.Blueprint/blueprintAssignments/delete",
    ],
  },
  Reader: { id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", actions: ["*/read"] },
  "User Access Administrator": {
    id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    actions: ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
  },
  "Website Contributor": {
    id: "de139f84-1756-47ae-9be6-808fbbe84772",
    actions: ["Microsoft.Authorization/*/read", "Microsoft.Web/certificates/*", "Microsoft.Web/sites/*"],
  },
  "Managed Identity Operator": {
    id: "f1a07417-d97a-45cb-824c-7a7467783830",
    actions: [
      "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
      "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
      "Microsoft.Authorization/*/read",
    ],
  },
  "Storage Account Key Operator Service Role": {
    id: "81a9662b-bebf-436f-a333-f67b29880f12",
    actions: [
      "Microsoft.Storage/storageAccounts/listkeys/action",
      "Microsoft.Storage/storageAccounts/regeneratekey/action",
    ],
  },
  "Storage Table Data Contributor": {
    id: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    actions: ["Microsoft.Storage/storageAccounts/tableServices/tables/read"],
    dataActions: [
      "Microsoft.Storage/storageAccounts/tableServices/tables/entities/read",
      "Microsoft.Storage/storageAccounts/tableServices/tables/entities/write",
      "Microsoft.Storage/storageAccounts/tableServices/tables/entities/delete",
      "Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action",
      "Microsoft.Storage/storageAccounts/tableServices/tables/entities/update/action",
    ],
  },
  "Key Vault Administrator": {
    id: "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    actions: ["Microsoft.Authorization/*/read", "Microsoft.KeyVault/vaults/*/read"],
    dataActions: ["Microsoft.KeyVault/vaults/*"],
  },
  "Key Vault Secrets User": {
    id: "4633458b-17de-408a-b874-0445c86b69e6",
    actions: [],
    dataActions: [
      "Microsoft.KeyVault/vaults/secrets/getSecret/action",
      "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
    ],
  },
  "Azure Service Bus Data Sender": {
    id: "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
    actions: ["Microsoft.ServiceBus/*/queues/read"],
    dataActions: ["Microsoft.ServiceBus/*/send/action"],
  },
} as const satisfies Readonly<Record<string, RoleActions>>;

export type AzureRole = keyof typeof AZURE_ROLES;

/** Whether a role gives an action. `*` in a pattern stands for anything, slashes too; letters count alike. */
export function allowsAction(role: AzureRole, action: string): boolean {
  const { actions, notActions = [] }: RoleActions = AZURE_ROLES[role];
  const gives = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => {
      const parts = pattern.split("*").map((part) => part.replace(/[.\\^$|?+()[\]{}]/g, "\\$&"));
      return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
    });
  return gives(actions) && !gives(notActions);
}

/** A role definition as Azure Resource Manager answers it. */
export function roleDefinition(id: string): object | undefined {
  const found = Object.entries<RoleActions>(AZURE_ROLES).find(([, role]) => role.id === id.toLowerCase());
  if (!found) return undefined;
  const [roleName, { actions, notActions = [], dataActions = [] }] = found;
  return {
    id: `/providers/Microsoft.Authorization/roleDefinitions/${id}`,
    name: id,
    type: "Microsoft.Authorization/roleDefinitions",
    properties: {
      roleName,
      type: "BuiltInRole",
      assignableScopes: ["/"],
      permissions: [{ actions, notActions, dataActions, notDataActions: [] }],
    },
  };
}
