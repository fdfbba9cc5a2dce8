import type { ActiveAssignment } from "./directory.ts";
import type { PrincipalId, RoleDefinitionId } from "./ids.ts";
import type { PeopleMap } from "./people.ts";
import type { Policy } from "./policy.ts";
import {
  exceptionFor,
  isStanding,
  isTimeBound,
  lastMoment,
  type ApplicationPosture,
  type DelegatedGrant,
  type DelegatedPosture,
  type DirectoryPosture,
  type GroupEligible,
  type PrivilegedApplication,
  type Principal,
} from "./posture.ts";
import { riskRank } from "./privileged-roles.ts";
import type { Instant } from "./time.ts";

/** How one role is held and may be activated. */
export interface RolePosture {
  readonly roleDefinitionId: RoleDefinitionId;
  readonly role: string;
  readonly risk: number;
  readonly builtIn: boolean;
  /** Whether the policy lists it: it can be activated through this system. */
  readonly brokered: boolean;
  readonly standing: number;
  readonly eligible: number;
  /** Activated, or granted by this system until an end. */
  readonly activeNow: number;
  readonly timeBoundOutside: number;
}

/** Somebody or something that a count of persons leaves out. */
export interface Holding {
  readonly role: string;
  readonly holder: string;
  readonly principalId: PrincipalId;
  readonly how: "standing" | "active" | "eligible";
}

export interface GroupHolding extends Holding {
  readonly members: readonly string[];
  /** Whoever owns the group can put anybody into it. */
  readonly owners: readonly string[];
  /** Who can activate membership or ownership (PIM for groups); `null`: not read, which is not the same as nobody. */
  readonly eligible: readonly string[] | null;
}

/** An application that can take the tenant, or holds roles, and who can use it. */
export interface ShownApplication {
  readonly name: string;
  readonly principalId: PrincipalId;
  /** An identity of this system. */
  readonly own: boolean;
  readonly enabled: boolean;
  /** Tier-0 permissions of Microsoft Graph. */
  readonly permissions: readonly string[];
  /** Roles that it holds, or that a group holds which it is in. */
  readonly roles: readonly string[];
  readonly owners: readonly string[];
  /** Of its app registration in this tenant, who are not among the owners. */
  readonly registrationOwners: readonly string[];
  readonly moreOwners: boolean;
}

/** What an application may do in somebody's name. */
export interface ShownDelegated {
  readonly name: string;
  readonly principalId: PrincipalId;
  /** An identity of this system. */
  readonly own: boolean;
  readonly enabled: boolean;
  /** Tier-0 permissions of Microsoft Graph. */
  readonly permissions: readonly string[];
  /** `null`: everybody who signs in to it. */
  readonly person: string | null;
}

/** `read: false`: nothing is known of them, which is not the same as there being none. */
export type ShownApplications =
  { readonly read: true; readonly items: readonly ShownApplication[] } | { readonly read: false };

/** `read: false`: nothing is known of them. */
export type ShownDelegatedGrants =
  { readonly read: true; readonly items: readonly ShownDelegated[] } | { readonly read: false };

export interface ShownException {
  readonly role: string;
  readonly holder: string;
  readonly owner: string;
  readonly until: Instant;
  readonly because: string;
  /** Whether the assignment stands, and whether the exception still counts. */
  readonly stands: boolean;
  readonly inForce: boolean;
}

export interface PostureReport {
  readonly tenantId: string;
  readonly readAt: Instant;
  readonly policyHash: string;
  /** Roles that somebody holds or may activate, the most dangerous first. */
  readonly roles: readonly RolePosture[];
  readonly groups: readonly GroupHolding[];
  readonly servicePrincipals: readonly Holding[];
  /** Those with tier-0 permissions first. */
  readonly applications: ShownApplications;
  /** Those for everybody first. */
  readonly delegated: ShownDelegatedGrants;
  readonly guests: readonly Holding[];
  readonly ownIdentities: readonly Holding[];
  readonly exceptions: readonly ShownException[];
}

/** What the directory shows, counted. `ours` names the schedules that activations of this system hold. Pure. */
export function reportPosture(
  posture: DirectoryPosture,
  {
    policy,
    people,
    ours,
    groupEligibilities,
    applications,
    delegated,
  }: {
    readonly policy: Policy;
    readonly people: PeopleMap;
    readonly ours: ReadonlySet<string>;
    readonly groupEligibilities: ReadonlyMap<PrincipalId, readonly GroupEligible[]>;
    readonly applications: ApplicationPosture;
    readonly delegated: DelegatedPosture;
  },
): PostureReport {
  const nameOf = (id: PrincipalId): string => people.byAccount(id)?.name ?? posture.principals.get(id)?.name ?? id;
  const roleOf = (id: RoleDefinitionId): string => posture.roles.get(id)?.name ?? id;
  const holdings: readonly Holding[] = [
    ...posture.active.map((row) => ({ row, how: isStanding(row) ? ("standing" as const) : ("active" as const) })),
    ...posture.eligible.map((row) => ({ row, how: "eligible" as const })),
  ].map(({ row, how }) => ({
    role: roleOf(row.roleDefinitionId),
    holder: nameOf(row.principalId),
    principalId: row.principalId,
    how,
  }));
  const ofKind = (wanted: "group" | "servicePrincipal") =>
    holdings.filter(({ principalId }) => posture.principals.get(principalId)?.kind === wanted);
  const own = policy.governance?.ownIdentities ?? [];
  const named = ({ id, name }: Principal): string => people.byAccount(id)?.name ?? (name || id);
  const shown = ({ id, owners, registrationOwners, name, ...rest }: PrivilegedApplication): ShownApplication => ({
    ...rest,
    name: name || id,
    principalId: id,
    own: own.includes(id),
    roles: rolesHeldBy(id, posture).map(roleOf),
    owners: owners.map(named),
    registrationOwners: registrationOwners.filter((one) => !owners.some((owner) => owner.id === one.id)).map(named),
  });
  const shownDelegated = ({ id, name, of, ...rest }: DelegatedGrant): ShownDelegated => ({
    ...rest,
    name: name || id,
    principalId: id,
    own: own.includes(id),
    person: of === "everybody" ? null : named(of),
  });
  return {
    tenantId: policy.tenantId,
    readAt: posture.readAt,
    policyHash: policy.hash,
    roles: countRoles(posture, policy, ours),
    groups: ofKind("group").map((holding) => {
      const group = posture.groups.get(holding.principalId);
      return {
        ...holding,
        members: (group?.members ?? []).map(nameOf),
        owners: (group?.owners ?? []).map(nameOf),
        eligible:
          groupEligibilities
            .get(holding.principalId)
            ?.map(({ principal, as }) => `${named(principal)}${as === "owner" ? " (as owner)" : ""}`) ?? null,
      };
    }),
    servicePrincipals: ofKind("servicePrincipal"),
    applications:
      applications.kind === "read"
        ? { read: true, items: applications.applications.map(shown).toSorted(mostDangerousFirst) }
        : { read: false },
    delegated:
      delegated.kind === "read"
        ? { read: true, items: delegated.grants.map(shownDelegated).toSorted(everybodyFirst) }
        : { read: false },
    guests: [
      ...holdings,
      ...ofKind("group").flatMap((holding) =>
        (posture.groups.get(holding.principalId)?.members ?? []).map((member) => ({
          ...holding,
          principalId: member,
          holder: `${nameOf(member)} (through ${holding.holder})`,
        })),
      ),
    ].filter(({ principalId }) => posture.principals.get(principalId)?.guest === true),
    ownIdentities: holdings.filter(({ principalId }) => own.includes(principalId)),
    exceptions: (policy.governance?.exceptions ?? []).map((exception) => ({
      role: roleOf(exception.roleDefinitionId),
      holder: nameOf(exception.principalId),
      owner: people.byKey(exception.owner)?.name ?? exception.owner,
      until: lastMoment(exception),
      because: exception.because,
      stands: posture.active.some((row) => isStanding(row) && exceptionFor(row, [exception], "") !== undefined),
      inForce: posture.readAt < exception.until,
    })),
  };
}

const mostDangerousFirst = (a: ShownApplication, b: ShownApplication): number =>
  Math.sign(b.permissions.length) - Math.sign(a.permissions.length) || a.name.localeCompare(b.name);

const everybodyFirst = (a: ShownDelegated, b: ShownDelegated): number =>
  Number(a.person !== null) - Number(b.person !== null) ||
  a.name.localeCompare(b.name) ||
  (a.person ?? "").localeCompare(b.person ?? "");

/** Directly, or through a group that it is in. */
function rolesHeldBy(id: PrincipalId, { active, eligible, groups }: DirectoryPosture): readonly RoleDefinitionId[] {
  const holds = ({ principalId }: { readonly principalId: PrincipalId }): boolean =>
    principalId === id || groups.get(principalId)?.members.includes(id) === true;
  return [...new Set([...active, ...eligible].filter(holds).map(({ roleDefinitionId }) => roleDefinitionId))];
}

/** Roles that somebody holds or may activate, counted, the most dangerous first. Pure. */
export function countRoles(
  posture: DirectoryPosture,
  policy: Policy,
  ours: ReadonlySet<string>,
): readonly RolePosture[] {
  const active = Map.groupBy(posture.active, ({ roleDefinitionId }) => roleDefinitionId);
  const eligible = Map.groupBy(posture.eligible, ({ roleDefinitionId }) => roleDefinitionId);
  const isOutside = (row: ActiveAssignment): boolean => isTimeBound(row) && !ours.has(row.scheduleId);
  return [...new Set([...active.keys(), ...eligible.keys()])]
    .map((roleDefinitionId) => {
      const rows = active.get(roleDefinitionId) ?? [];
      const standing = rows.filter(isStanding).length;
      const timeBoundOutside = rows.filter(isOutside).length;
      const role = posture.roles.get(roleDefinitionId);
      return {
        roleDefinitionId,
        role: role?.name ?? roleDefinitionId,
        risk: riskRank(roleDefinitionId),
        builtIn: role?.builtIn ?? false,
        brokered: policy.roles.some((one) => one.roleDefinitionId === roleDefinitionId),
        standing,
        eligible: eligible.get(roleDefinitionId)?.length ?? 0,
        activeNow: rows.length - standing - timeBoundOutside,
        timeBoundOutside,
      };
    })
    .toSorted((a, b) => a.risk - b.risk || a.role.localeCompare(b.role));
}
