import type { PrincipalList } from "../../../shared/contracts/doctor.ts";
import type { Power } from "../administrators.ts";
import { reaches, type Inventory, type Right } from "./inventory.ts";
import { RESOURCE_GROUP, SENDS_MESSAGES } from "./power-rules.ts";
import { powersOf } from "./role-powers.ts";

type Known = PrincipalList["principals"][number];

/**
 * Everybody whose rights in Azure can deploy to, configure or take over the installation. A group counts as its members
 * and owners, an application as itself and its owners. Our own identities may work with what is stored and kept: that is
 * what infra/permissions.yaml gives them; more than that counts as for anybody. Pure.
 * @param own object ids of our identities
 */
export function azurePowers(
  { resources, rights }: Inventory,
  own: ReadonlySet<string>,
  principals: readonly Known[],
): readonly Power[] {
  const known = new Map(principals.map((one) => [one.principalId.toLowerCase(), one]));
  return rights.flatMap((right) => {
    const inReach = resources.filter((resource) => reaches(right.scope, resource));
    const types = [...inReach.map(({ type }) => type), ...(isWithin(right.scope) ? [] : [RESOURCE_GROUP])];
    const powers = powersOf(right.role.permissions, new Set(types)).filter(
      ({ data }) => !(data && own.has(right.principalId)),
    );
    if (powers.length === 0) return [];
    const what = powers.map((power) => power.what).join(", ");
    const can = `${right.eligible ? "can activate what lets it" : "can"} ${what} (${right.role.roleName} at ${right.scope})`;
    const messages = powers.every(({ what: one, data }) => data && one === SENDS_MESSAGES);
    return holdersOf(right, can, known.get(right.principalId)).map((power) => ({ ...power, messages }));
  });
}

/** Whether a scope is a resource, or below one. */
const isWithin = (scope: string): boolean => /\/resourcegroups\/[^/]+\/./i.test(scope);

/** Object ids that have any right: their names are asked for. */
export const principalIdsOf = ({ rights }: Inventory): readonly string[] => [
  ...new Set(rights.filter(({ name }) => name === undefined).map(({ principalId }) => principalId)),
];

function holdersOf(right: Right, can: string, known: Known | undefined): readonly Power[] {
  const { principalId, eligible, name } = right;
  if (name !== undefined) {
    const end = `az managedservices assignment delete --assignment "${right.id}"`;
    return [{ principalId, name, kind: right.principalType, can, eligible, remove: end }];
  }
  const remove = right.eligible
    ? `end the eligibility in Azure (PIM): ${right.id}`
    : `az role assignment delete --ids "${right.id}"`;
  if (!known) return [{ principalId, name: principalId, kind: right.principalType, can, eligible, remove }];
  const behind = known.behind.map(({ as, eligible: activates, ...one }) => ({
    ...one,
    eligible: eligible || activates,
    can: `${HOW[as][activates ? "eligible" : "now"]} ${known.name}, which ${can}`,
    remove: activates
      ? `end the eligibility for the group ${known.name} in PIM`
      : as === "member"
        ? `take it out of the group ${known.name}`
        : `take the ownership of ${known.name} away`,
  }));
  const isGroup = known.kind === "group";
  const itself = { principalId, name: known.name, kind: known.kind, eligible, remove };
  return [
    ...(isGroup && !known.more ? [] : [{ ...itself, can }]),
    ...(known.more ? [{ ...itself, can: `${can}; not everybody behind it could be read` }] : []),
    ...(known.eligibleUnread ? [{ ...itself, can: `${can}; who can activate membership could not be read` }] : []),
    ...(known.open ? [{ ...itself, can: `${can}; ${OPEN}` }] : []),
    ...behind,
  ];
}

const OPEN = "is not role-assignable, so that whoever may change groups can become a member";

const HOW = {
  member: { now: "is a member of", eligible: "can become a member of" },
  owner: { now: "owns", eligible: "can become an owner of" },
} as const;
