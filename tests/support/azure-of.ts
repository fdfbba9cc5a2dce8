import { RESOURCE_GROUP, SUBSCRIPTION_ID } from "../../local/seed.ts";
import type { Stack } from "../../local/stack/stack.ts";

const SUBSCRIPTION = `/subscriptions/${SUBSCRIPTION_ID}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}`;

/** Resources of the installation, as Azure Resource Manager calls them. */
export const AZURE = {
  subscription: SUBSCRIPTION,
  group: GROUP,
  site: `${GROUP}/providers/Microsoft.Web/sites/zero-standing`,
  audit: `${GROUP}/providers/Microsoft.Storage/storageAccounts/zerostandingaudit`,
  sweeper: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/zero-standing-sweeper`,
  vault: `${GROUP}/providers/Microsoft.KeyVault/vaults/zero-standing`,
} as const;

type Found = () => Promise<readonly string[]>;

/** Azure around the installation of a suite's stack, with something wrong in it for as long as somebody looks. */
export function azureOf(stack: () => Stack, found: Found) {
  const control = (operation: string, parameters = {}): Promise<unknown> =>
    stack().call("azure", operation, parameters);

  /** What is found while somebody has a role in Azure. */
  async function withRole(
    role: string,
    scope: string,
    principalId: string,
    more: object = {},
    look: () => Promise<readonly string[]> = found,
  ): Promise<readonly string[]> {
    const { id } = (await control("assign", { role, scope, principalId, ...more })) as { readonly id: string };
    try {
      return await look();
    } finally {
      await control("unassign", { id });
    }
  }

  /** What is found while properties are others. */
  async function withProperties(
    id: string,
    properties: object,
    { look = found, identity }: { readonly look?: () => Promise<readonly string[]>; readonly identity?: object } = {},
  ): Promise<readonly string[]> {
    const before = (await control("change", { id, properties, ...(identity && { identity }) })) as {
      readonly properties: object;
      readonly identity?: object;
    } | null;
    try {
      return await look();
    } finally {
      const as = before?.identity && { identity: before.identity };
      if (before) await control("change", { id, properties: before.properties, ...as, whole: true });
      else await control("remove", { id });
    }
  }
  return { control, withRole, withProperties };
}
