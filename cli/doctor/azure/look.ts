import type { PartReport } from "../../../shared/contracts/doctor.ts";
import type { Credential } from "../../../shared/domain/application-credentials.ts";
import { fault, fine, warning, type CheckResult } from "../../../shared/domain/doctor.ts";
import { parsePrincipalId } from "../../../shared/domain/ids.ts";
import type { Instant } from "../../../shared/domain/time.ts";
import type { Api } from "../../api/client.ts";
import type { AzureSettings } from "../../config/azure-settings.ts";
import type { PermissionsFile } from "../permissions-file.ts";
import type { Power } from "../administrators.ts";
import { readPrincipals } from "../principals.ts";
import { AzureProblem, createResourceManager } from "./arm.ts";
import { azurePowers, principalIdsOf } from "./azure-powers.ts";
import { federatedOf } from "./federated.ts";
import { judgeEntityRights } from "./entity-rights.ts";
import { judgeOwnRights } from "./own-rights.ts";
import { ownIdentities, readInventory } from "./inventory.ts";
import { checkResources } from "./resource-checks.ts";

interface AzureFound {
  readonly powers: readonly Power[];
  /** Identities that the apps run as, in lower case; `undefined`: Azure did not say. */
  readonly own: ReadonlySet<string> | undefined;
  readonly results: readonly CheckResult[];
  /** Whose tokens a managed identity is given for, by its resource id; `undefined`: that could not be read. */
  readonly federatedOf: (resourceId: string) => Promise<readonly Credential[] | undefined>;
}

/** What Azure Resource Manager says about the installation. Reads only; what cannot be read is a fault. */
export async function lookAtAzure(
  settings: AzureSettings | undefined,
  {
    api,
    token,
    parts,
    file,
    now,
    tenantId,
  }: {
    readonly api: Api;
    /** For Azure Resource Manager; `undefined`: there is none to be had. */
    readonly token: string | undefined;
    readonly parts: readonly PartReport[];
    readonly file: PermissionsFile;
    readonly now: Instant;
    /** As the policy says. */
    readonly tenantId: string;
  },
): Promise<AzureFound> {
  if (!settings) return onlySaid(warning("resources", NOT_LOOKED, CONFIGURE));
  const { address, subscription, resourceGroup } = settings;
  if (token === undefined) return onlySaid(fault("resources", NOT_LOOKED, GET_TOKEN));
  const arm = createResourceManager(address, token);
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`;
  try {
    const inventory = await readInventory(arm, group);
    if (inventory.resources.length === 0)
      return onlySaid(fault("resources", `The resource group ${resourceGroup} is empty.`, CONFIGURE));
    // As Azure says: a part that somebody took over could pass anybody off as its identity.
    const own = ownIdentities(inventory);
    const ids = principalIdsOf(inventory).flatMap((id) => parsePrincipalId(id) ?? []);
    const principals = await readPrincipals(api, ids);
    return {
      own,
      federatedOf: (id) => federatedOf(arm, id),
      powers: azurePowers(inventory, own, principals ?? []),
      results: [
        ...(principals ? [] : [warning("resources", NO_NAMES, "See permissions, then ask again.")]),
        fine("resources", `${inventory.resources.length} resources and ${inventory.rights.length} rights were read.`),
        ...inventory.undelegated.map((scope) =>
          warning("resources", `What ${scope} delegates to other tenants (Lighthouse) was not looked at.`, READ_SCOPE),
        ),
        ...judgeEntityRights(inventory, parts, file),
        ...judgeOwnRights(inventory, parts),
        ...(await checkResources(arm, { ...inventory, now, around: { tenantId, file } })),
      ],
    };
  } catch (error) {
    if (!(error instanceof AzureProblem)) throw error;
    return onlySaid(
      fault("resources", `Azure was not looked at: ${error.message}.`, error.status === 401 ? GET_TOKEN : READER),
    );
  }
}

const onlySaid = (result: CheckResult): AzureFound => ({
  powers: [],
  own: undefined,
  results: [result],
  federatedOf: async () => undefined,
});

const NOT_LOOKED = "Azure was not looked at: who can deploy to or configure the apps there is not known.";
const CONFIGURE =
  "Name the installation: --subscription ID --resource-group NAME, or ZS_AZURE_SUBSCRIPTION and ZS_AZURE_RESOURCE_GROUP.";
const GET_TOKEN =
  "Let zs ask for it (the delegated permission user_impersonation of Azure Service Management), sign in again with zs login; or set AZURE_ACCESS_TOKEN to what this prints: az account get-access-token --query accessToken -o tsv";
const READER = "Check the subscription and the name; the role Reader at the resource group is enough.";

const READ_SCOPE = "Ask again with AZURE_ACCESS_TOKEN of somebody who has the role Reader there.";

const NO_NAMES =
  "Who is behind the object ids that have rights in Azure could not be read: groups stand for themselves here.";
