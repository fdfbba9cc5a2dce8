import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { DirectoryPosture, Principal } from "../../shared/domain/posture.ts";
import { canTakeApplications } from "../../shared/domain/privileged-roles.ts";
import { HOUR_MS, MINUTE_MS, msOf } from "../../shared/domain/time.ts";
import type { PrincipalBehind, SelfDirectory } from "../../shared/ports/doctor.ts";
import { isHeldByActivation } from "../activation/held-by-activation.ts";
import type { Door } from "../door.ts";
import { readPosture } from "../standing/read-posture.ts";

/** Somebody who can take over the apps or their identities, and by what. */
export interface Administrator {
  readonly principalId: PrincipalId;
  readonly name: string;
  readonly kind: Principal["kind"];
  readonly can: string;
  /** Only after an activation. */
  readonly eligible: boolean;
  /** The policy calls it one of this system's identities, which may have what is said: whether it is one, others tell. */
  readonly own: boolean;
}

export interface TakeOverReader extends Pick<
  Door,
  "clock" | "posture" | "policies" | "holders" | "store" | "directory"
> {
  readonly self: SelfDirectory;
  /** Of the app registrations that people sign in with. */
  readonly clientIds: readonly string[];
}

interface Found {
  readonly administrators: readonly Administrator[];
  /** What could not be read, in sentences: nobody is well for it. */
  readonly unread: readonly string[];
}

/**
 * Who can take over the apps through the directory: by a role that may change applications, held or to be activated, by a
 * tier-0 permission of Graph, by owning what has one, by owning our registrations and identities. A group counts as its
 * members and owners, and as who can activate either. Who holds a role by an activation of this system is left out: that
 * is what it is for. @throws DependencyError
 */
export async function readTakeOver(reader: TakeOverReader): Promise<Found> {
  const roles = await throughRoles(reader);
  const found = [roles, await throughApplications(reader, roles.administrators), await throughOwning(reader)];
  const { people } = reader.policies;
  return {
    administrators: found
      .flatMap(({ administrators }) => administrators)
      .map((one) => ({ ...one, name: people.byAccount(one.principalId)?.name ?? (one.name || one.principalId) })),
    unread: found.flatMap(({ unread }) => unread),
  };
}

const described = ({ id, kind, name }: Principal, can: string, eligible = false): Administrator => ({
  principalId: id,
  kind,
  name,
  can,
  eligible,
  own: false,
});

async function throughApplications(
  { policies, posture }: TakeOverReader,
  byRole: readonly Administrator[],
): Promise<Found> {
  const own = policies.policy.governance?.ownIdentities ?? [];
  const found = await posture.applications(new Set(byRole.map(({ principalId }) => principalId)));
  if (found.kind === "notAllowed") return { administrators: [], unread: [UNREAD_APPLICATIONS] };
  return {
    administrators: found.applications.flatMap(({ id, name, permissions, owners }) => [
      ...(permissions.length === 0
        ? []
        : [
            {
              ...described({ id, kind: "servicePrincipal", name }, `has ${permissions.join(", ")}`),
              own: own.includes(id),
            },
          ]),
      ...owners.map((owner) => described(owner, `owns ${name || id}`)),
    ]),
    unread: found.applications.filter(({ moreOwners }) => moreOwners).map(({ id, name }) => unreadOwners(name || id)),
  };
}

async function throughOwning({ policies, self, clientIds }: TakeOverReader): Promise<Found> {
  const own = policies.policy.governance?.ownIdentities ?? [];
  const registrations = await self.registrations(clientIds);
  const identities = await self.principals(own);
  return {
    administrators: [
      ...registrations.flatMap(({ name, owners }) =>
        owners.map((owner) => described(owner, `owns the app registration ${name}`)),
      ),
      ...identities.flatMap(({ principal: { name }, behind }) =>
        behind.map((one) => described(one.principal, `owns ${name}`, one.eligible)),
      ),
    ],
    unread: [
      ...registrations
        .filter(({ moreOwners }) => moreOwners)
        .map(({ name }) => unreadOwners(`the app registration ${name}`)),
      ...identities.filter(({ more }) => more).map(({ principal }) => unreadOwners(principal.name)),
    ],
  };
}

const UNREAD_APPLICATIONS =
  "Which applications have tier-0 permissions, and who owns them, could not be read: the identity lacks Application.Read.All.";
const unreadOwners = (name: string): string => `Not all owners of ${name} could be read.`;
const unreadGroup = (group: string): string =>
  `Who can activate membership of ${group} could not be read: the identity lacks PrivilegedEligibilitySchedule.Read.AzureADGroup.`;

interface RoleHeld {
  readonly principalId: PrincipalId;
  readonly verb: "holds" | "is eligible for";
  readonly role: string;
}

async function throughRoles(reader: TakeOverReader): Promise<Found> {
  const posture = await readPosture(reader);
  const held = (await takingRoles(reader, posture)).map(({ principalId, roleDefinitionId, verb }) => {
    return { principalId, verb, role: posture.roles.get(roleDefinitionId)?.name ?? roleDefinitionId };
  });
  const ids = new Set(held.map(({ principalId }) => principalId).filter((id) => posture.groups.has(id)));
  const groups = await reader.self.principals([...ids]);
  return {
    administrators: held.flatMap((one) => {
      const group = groups.find(({ principal }) => principal.id === one.principalId);
      return group ? throughGroup(one, group) : [holder(one, posture)];
    }),
    unread: groups.filter(({ eligibleUnread }) => eligibleUnread).map(({ principal }) => unreadGroup(principal.name)),
  };
}

type TakingRow = Pick<ActiveAssignment, "principalId" | "roleDefinitionId"> & Pick<RoleHeld, "verb">;

async function takingRoles(
  reader: TakeOverReader,
  { active, eligible, roles }: DirectoryPosture,
): Promise<readonly TakingRow[]> {
  const isTaking = ({ roleDefinitionId }: Pick<TakingRow, "roleDefinitionId">): boolean =>
    canTakeApplications(roleDefinitionId, roles.get(roleDefinitionId));
  const latestEnd = msOf(reader.clock.now()) + LONGEST_GRANT_MS;
  const found: TakingRow[] = [];
  for (const row of active.filter(isTaking)) {
    // Rows can be forged by who writes tables; a grant of ours never ends later than that.
    const canBeOurs = row.endsAt !== undefined && msOf(row.endsAt) <= latestEnd;
    if (!(canBeOurs && (await isHeldByActivation(reader, row)))) found.push({ ...row, verb: "holds" });
  }
  return [...found, ...eligible.filter(isTaking).map((row) => ({ ...row, verb: "is eligible for" as const }))];
}

/** What the policy allows at most, and a little for clocks that differ. */
const LONGEST_GRANT_MS = 4 * HOUR_MS + 5 * MINUTE_MS;

const holder = ({ principalId, verb, role }: RoleHeld, { principals }: DirectoryPosture): Administrator =>
  described(
    principals.get(principalId) ?? { id: principalId, kind: "unknown", name: "" },
    `${verb} ${role}`,
    verb !== "holds",
  );

const throughGroup = (
  { verb, role }: RoleHeld,
  { principal: { name }, behind }: PrincipalBehind,
): readonly Administrator[] =>
  behind.map(({ principal, as, eligible }) => {
    const how = HOW[as][eligible ? "eligible" : "now"];
    const isMember = as === "member" && !eligible;
    const can = isMember ? `${verb} ${role} ${how} ${name}` : `${how} ${name}, which ${verb} ${role}`;
    return described(principal, can, eligible || verb !== "holds");
  });

const HOW = {
  member: { now: "as a member of", eligible: "can become a member of" },
  owner: { now: "owns", eligible: "can become an owner of" },
} as const;
