import type { PartReport } from "../../../shared/contracts/doctor.ts";
import { fault, type CheckResult } from "../../../shared/domain/doctor.ts";
import { reaches, type Inventory, type Resource, type Right } from "./inventory.ts";
import { allows, powersOf } from "./role-powers.ts";

/** What one part alone may have on a thing of its own. */
interface Own {
  readonly resourceType: string;
  readonly what: string;
  readonly may: (right: Right) => boolean;
}

const isGiven =
  (...actions: readonly string[]) =>
  ({ role }: Right): boolean =>
    role.permissions.some(({ dataActions, notDataActions }) =>
      actions.some((action) => allows(action, dataActions, notDataActions)),
    );

const STORAGE = "Microsoft.Storage/storageAccounts";
const SCHEDULERS = "microsoft.durabletask/schedulers";
const isOnHub = ({ role }: Right): boolean =>
  powersOf(role.permissions, new Set([SCHEDULERS])).some(({ data }) => data);

const OWN: readonly Own[] = [
  {
    resourceType: "microsoft.keyvault/vaults",
    what: "read the secrets in",
    may: isGiven("Microsoft.KeyVault/vaults/secrets/getSecret/action"),
  },
  {
    resourceType: "microsoft.keyvault/vaults",
    what: "sign with a key in",
    may: isGiven("Microsoft.KeyVault/vaults/keys/sign/action"),
  },
  {
    resourceType: "microsoft.storage/storageaccounts",
    what: "write blobs in",
    may: isGiven(`${STORAGE}/blobServices/containers/blobs/write`),
  },
  {
    resourceType: "microsoft.storage/storageaccounts",
    what: "write queues in",
    may: isGiven(
      `${STORAGE}/queueServices/queues/messages/write`,
      `${STORAGE}/queueServices/queues/messages/add/action`,
    ),
  },
  { resourceType: SCHEDULERS, what: "work with the task hub in", may: isOnHub },
];

/**
 * Vaults, accounts of hosts and the task hub belong to one part each: two of our identities on one of them mean that
 * whoever takes over one part has what the other keeps. Only where each part has an identity of its own. Pure.
 */
export function judgeOwnRights(
  { resources, rights }: Inventory,
  reports: readonly Pick<PartReport, "part" | "identity">[],
): readonly CheckResult[] {
  const parts = reports.flatMap(({ part, identity }) =>
    part === "all" || !identity ? [] : [{ part, principalId: identity.principalId.toLowerCase() }],
  );
  const holders = (resource: Resource, { may }: Own) =>
    parts.flatMap(({ part, principalId }) => {
      const theirs = rights.filter(
        (right) => right.principalId === principalId && !right.eligible && reaches(right.scope, resource) && may(right),
      );
      return theirs.length > 0 ? [{ part, ids: theirs.map(({ id }) => id) }] : [];
    });
  return resources.flatMap((resource) =>
    OWN.filter(({ resourceType }) => resourceType === resource.type).flatMap((own) => {
      const found = holders(resource, own);
      const stranger = own.resourceType === SCHEDULERS ? found.some(({ part }) => part !== "worker") : found.length > 1;
      if (!stranger) return [];
      const names = found.map(({ part }) => `the ${part}`).join(" and ");
      return [
        fault(
          "permissions",
          `The identities of ${names} may ${own.what} ${resource.name}, which belongs to one part.`,
          `Take it away from whose it is not: ${found.flatMap(({ ids }) => ids.map((id) => `az role assignment delete --ids "${id}"`)).join("; or ")}.`,
        ),
      ];
    }),
  );
}
