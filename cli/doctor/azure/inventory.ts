import { z } from "zod";
import type { ResourceManager } from "./arm.ts";
import { readDelegations } from "./delegations.ts";

const optional = z.string().nullish();

const resource = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string().transform((type) => type.toLowerCase()),
  tags: z.record(z.string(), z.string()).nullish(),
  identity: z
    .object({
      principalId: optional,
      userAssignedIdentities: z
        .record(z.string(), z.object({ principalId: optional, clientId: optional }).nullish())
        .nullish(),
    })
    .nullish(),
});
export type Resource = z.output<typeof resource>;

const assignment = z.object({
  id: z.string(),
  properties: z.object({
    scope: z.string(),
    roleDefinitionId: z.string(),
    principalId: z.string().transform((id) => id.toLowerCase()),
    principalType: optional,
  }),
});
type Assigned = z.output<typeof assignment>;

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const roleDefinition = z.object({
  properties: z.object({
    roleName: z.string(),
    permissions: z.array(z.object({ actions: texts, notActions: texts, dataActions: texts, notDataActions: texts })),
  }),
});

/** A right of somebody, in force or to be activated. */
export interface Right {
  readonly id: string;
  readonly scope: string;
  readonly principalId: string;
  readonly principalType: string;
  readonly eligible: boolean;
  /** Of somebody whom this tenant's directory does not know: a right that was delegated. */
  readonly name?: string;
  readonly role: z.output<typeof roleDefinition>["properties"];
}

/** What is in the resource group, and every right at it, above and below. @throws AzureProblem */
export interface Inventory {
  readonly resources: readonly Resource[];
  readonly rights: readonly Right[];
  /** Scopes whose delegations to other tenants could not be read. */
  readonly undelegated: readonly string[];
}

const AUTHORIZATION = "/providers/Microsoft.Authorization";

export async function readInventory(arm: ResourceManager, group: string): Promise<Inventory> {
  const resources = await arm.list(`${group}/resources`, "2021-04-01", resource);
  const [below, above, ...eligible] = await Promise.all([
    arm.list(`${group}${AUTHORIZATION}/roleAssignments`, "2022-04-01", assignment),
    // Inherited ones are in both lists; asked for twice, none is missed however the service reads the first.
    arm.list(`${group}${AUTHORIZATION}/roleAssignments?$filter=atScope()`, "2022-04-01", assignment),
    arm.list(`${group}${AUTHORIZATION}/roleEligibilityScheduleInstances`, "2020-10-01", assignment),
    arm.list(`${group}${AUTHORIZATION}/roleEligibilityScheduleInstances?$filter=atScope()`, "2020-10-01", assignment),
  ]);
  const all = [
    ...eachOnce([...below, ...above]).map((one) => ({ one, isEligible: false })),
    ...eachOnce(eligible.flat()).map((one) => ({ one, isEligible: true })),
  ];
  const subscription = group.slice(0, group.toLowerCase().indexOf("/resourcegroups/"));
  const scopes = [subscription, group];
  const delegations = await Promise.all(scopes.map((scope) => readDelegations(arm, scope, subscription)));
  const delegated = delegations.flatMap((found) => found ?? []);
  const ids = new Set([
    ...all.map(({ one }) => one.properties.roleDefinitionId),
    ...delegated.map(({ roleDefinitionId }) => roleDefinitionId),
  ]);
  const roles = new Map(
    await Promise.all(
      [...ids].map(async (id) => [id, (await arm.get(id, "2022-04-01", roleDefinition)).properties] as const),
    ),
  );
  return {
    resources,
    rights: [
      ...all.flatMap(({ one, isEligible }) => rightOf(one, isEligible, roles.get(one.properties.roleDefinitionId))),
      ...delegated.flatMap(({ roleDefinitionId, ...one }) => {
        const role = roles.get(roleDefinitionId);
        return role ? [{ ...one, principalType: "another tenant's", role }] : [];
      }),
    ],
    undelegated: scopes.filter((_, index) => delegations[index] === undefined),
  };
}

const eachOnce = (some: readonly Assigned[]): readonly Assigned[] => [
  ...new Map(some.map((one) => [one.id.toLowerCase(), one])).values(),
];

const rightOf = ({ id, properties }: Assigned, eligible: boolean, role: Right["role"] | undefined): readonly Right[] =>
  role
    ? [
        {
          id,
          scope: properties.scope,
          principalId: properties.principalId,
          principalType: properties.principalType ?? "Unknown",
          eligible,
          role,
        },
      ]
    : [];

/** Object ids of the identities that the apps run as, in lower case. */
export function ownIdentities({ resources }: Inventory): ReadonlySet<string> {
  const identities = resources
    .filter(({ type }) => type === "microsoft.web/sites")
    .flatMap((site) => site.identity ?? []);
  const assigned = identities.flatMap((one) => Object.values(one.userAssignedIdentities ?? {}));
  const ids = [...identities, ...assigned].flatMap((one) => one?.principalId ?? []);
  return new Set(ids.map((id) => id.toLowerCase()));
}

/** Whether a right at the scope reaches the resource, or something in it. */
export function reaches(scope: string, { id }: Resource): boolean {
  const [at, its] = [scope.toLowerCase(), id.toLowerCase()];
  const everything = at === "/" || at.startsWith("/providers/microsoft.management/managementgroups/");
  return everything || its === at || its.startsWith(`${at}/`) || at.startsWith(`${its}/`);
}
