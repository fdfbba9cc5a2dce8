import { z } from "zod";
import { AzureProblem, type ResourceManager } from "./arm.ts";

const optional = z.string().nullish();
const authorization = z.object({
  principalId: z.string().transform((id) => id.toLowerCase()),
  principalIdDisplayName: optional,
  roleDefinitionId: z.string(),
});
const authorizations = z
  .array(authorization)
  .nullish()
  .transform((list) => list ?? []);
const assignment = z.object({
  id: z.string(),
  properties: z.object({
    registrationDefinition: z
      .object({
        properties: z.object({
          authorizations,
          eligibleAuthorizations: authorizations,
          managedByTenantId: optional,
          managedByTenantName: optional,
        }),
      })
      .nullish(),
  }),
});

/** A right that a subscription or group gives to somebody of another tenant (Azure Lighthouse). */
export interface Delegation {
  readonly id: string;
  readonly scope: string;
  readonly principalId: string;
  readonly name: string;
  readonly roleDefinitionId: string;
  readonly eligible: boolean;
}

const VERSION = "2022-10-01";

/**
 * Delegations at a scope: role assignments do not show them. `undefined`: who asks may not read them there.
 * @see https://learn.microsoft.com/azure/lighthouse/how-to/view-manage-service-providers
 * @throws AzureProblem
 */
export async function readDelegations(
  arm: ResourceManager,
  scope: string,
  subscription: string,
): Promise<readonly Delegation[] | undefined> {
  const path = `${scope}/providers/Microsoft.ManagedServices/registrationAssignments?$expandRegistrationDefinition=true`;
  try {
    return (await arm.list(path, VERSION, assignment)).flatMap((one) => delegationsOf(one, subscription));
  } catch (error) {
    if (!(error instanceof AzureProblem)) throw error;
    if (error.status === 403) return undefined;
    if (error.status === 404 || error.status === 409) return []; // the provider is not registered: nothing is delegated
    throw error;
  }
}

function delegationsOf(
  { id, properties: { registrationDefinition } }: z.output<typeof assignment>,
  subscription: string,
): readonly Delegation[] {
  const found = registrationDefinition?.properties;
  if (!found) return [];
  const tenant = found.managedByTenantName ?? found.managedByTenantId ?? "unknown";
  const given = (some: z.output<typeof authorizations>, eligible: boolean): readonly Delegation[] =>
    some.map(({ principalId, principalIdDisplayName, roleDefinitionId }) => ({
      id,
      scope: id.slice(0, id.toLowerCase().lastIndexOf("/providers/microsoft.managedservices/")),
      principalId,
      name: `${principalIdDisplayName ?? principalId} of the tenant ${tenant}`,
      roleDefinitionId: roleDefinitionId.startsWith("/")
        ? roleDefinitionId
        : `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${roleDefinitionId}`,
      eligible,
    }));
  return [...given(found.authorizations, false), ...given(found.eligibleAuthorizations, true)];
}
