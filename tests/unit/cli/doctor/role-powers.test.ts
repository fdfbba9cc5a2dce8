import { describe, expect, it } from "vitest";
import { RESOURCE_GROUP } from "../../../../cli/doctor/azure/power-rules.ts";
import { powersOf, type RolePermission } from "../../../../cli/doctor/azure/role-powers.ts";

const ALL = new Set([
  "microsoft.web/sites",
  "microsoft.storage/storageaccounts",
  "microsoft.keyvault/vaults",
  "microsoft.servicebus/namespaces",
  "microsoft.managedidentity/userassignedidentities",
  "microsoft.durabletask/schedulers",
  RESOURCE_GROUP,
]);
const role = (permission: Partial<RolePermission>): readonly RolePermission[] => [
  { actions: [], notActions: [], dataActions: [], notDataActions: [], ...permission },
];
const whatOf = (permission: Partial<RolePermission>, types: ReadonlySet<string> = ALL): readonly string[] =>
  powersOf(role(permission), types).map(({ what, data }) => `${what}${data ? " (data)" : ""}`);

const DEPLOY = "deploy to or configure the apps";
const RIGHTS = "give anybody rights";
const IDENTITIES = "act as the identities";
const STORAGE = "take over the storage";
const SECRETS = "read or change the secrets";
const MESSAGES = "send messages as any system";
const MOVE = "move the resources to where others have rights";
const HUB = "start, wake and stop orchestrations";

describe("what a role of Azure lets its holder do", () => {
  it.each<[string, Partial<RolePermission>, readonly string[]]>([
    ["everything", { actions: ["*"] }, [RIGHTS, DEPLOY, IDENTITIES, STORAGE, SECRETS, MESSAGES, MOVE]],
    [
      "everything but rights",
      {
        actions: ["*"],
        notActions: ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"],
      },
      [DEPLOY, IDENTITIES, STORAGE, SECRETS, MESSAGES, MOVE],
    ],
    ["reads", { actions: ["*/read"] }, []],
    ["rights only, in other letters", { actions: ["microsoft.authorization/ROLEASSIGNMENTS/*"] }, [RIGHTS]],
    ["apps", { actions: ["Microsoft.Web/sites/*"] }, [DEPLOY]],
    ["settings of apps", { actions: ["Microsoft.Web/sites/config/*"] }, [DEPLOY]],
    ["restarts of apps", { actions: ["Microsoft.Web/sites/restart/action"] }, []],
    ["keys of accounts", { actions: ["Microsoft.Storage/storageAccounts/listkeys/action"] }, [STORAGE]],
    [
      "identities, as Managed Identity Operator has them",
      { actions: ["Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action"] },
      [IDENTITIES],
    ],
    ["templates without the actions in them", { actions: ["Microsoft.Resources/deployments/*"] }, []],
    ["secrets", { dataActions: ["Microsoft.KeyVault/vaults/secrets/*"] }, [`${SECRETS} (data)`]],
    [
      "secrets, but not their values",
      {
        dataActions: ["Microsoft.KeyVault/vaults/secrets/*"],
        notDataActions: ["Microsoft.KeyVault/vaults/secrets/*/action"],
      },
      [],
    ],
    ["messages", { dataActions: ["Microsoft.ServiceBus/*/send/action"] }, [`${MESSAGES} (data)`]],
    ["all data there is", { dataActions: ["*"] }, [STORAGE, SECRETS, MESSAGES, HUB].map((what) => `${what} (data)`)],
    ["a task hub", { dataActions: ["Microsoft.DurableTask/schedulers/taskhubs/anything/action"] }, [`${HUB} (data)`]],
    ["a task hub, to read", { dataActions: ["Microsoft.DurableTask/schedulers/taskHubs/*/read"] }, []],
    [
      "everything but the task hub",
      { dataActions: ["*"], notDataActions: ["Microsoft.DurableTask/*"] },
      [STORAGE, SECRETS, MESSAGES].map((what) => `${what} (data)`),
    ],
    [
      "messages of the hub's queues",
      { dataActions: ["Microsoft.Storage/*/messages/process/action"] },
      [`${STORAGE} (data)`],
    ],
    ["copies of secrets", { dataActions: ["Microsoft.KeyVault/vaults/secrets/backup/action"] }, [`${SECRETS} (data)`]],
    ["keys that sign", { dataActions: ["Microsoft.KeyVault/vaults/keys/*/action"] }, [`${SECRETS} (data)`]],
    ["an own pattern of writes", { actions: ["Microsoft.Web/s*/config/w*"] }, [DEPLOY]],
    ["the host's master key", { actions: ["Microsoft.Web/sites/hostruntime/host/_master/read"] }, [DEPLOY]],
    ["the host's keys, amongst all that reads apps", { actions: ["Microsoft.Web/sites/*/read"] }, [DEPLOY]],
    [
      "a move of resources",
      { actions: ["Microsoft.Resources/subscriptions/resourceGroups/moveResources/action"] },
      [MOVE],
    ],
    ["queues, which can forward to another", { actions: ["Microsoft.ServiceBus/namespaces/queues/*"] }, [MESSAGES]],
    ["data under an action's name", { actions: ["Microsoft.ServiceBus/*/send/action"] }, []],
  ])("with %s", (_name, permission, expected) => {
    expect(whatOf(permission)).toEqual(expected);
  });

  it("counts only what is in reach", () => {
    expect(whatOf({ actions: ["*"] }, new Set(["microsoft.web/sites"]))).toEqual([RIGHTS, DEPLOY]);
  });

  it("adds up over permissions, but takes nothing of one away in another", () => {
    const permissions = [
      ...role({ actions: ["Microsoft.Web/*"], notActions: ["Microsoft.Web/sites/*"] }),
      ...role({ actions: ["Microsoft.Web/sites/write"] }),
    ];
    expect(powersOf(permissions, ALL).map(({ what }) => what)).toEqual([DEPLOY]);
  });
});
