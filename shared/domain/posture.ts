import type { ActiveAssignment, Eligibility } from "./directory.ts";
import type { PrincipalId, RoleDefinitionId } from "./ids.ts";
import type { StandingException } from "./policy.ts";
import { plus, type Instant } from "./time.ts";

/** Who can hold a role, as the directory shows it. */
export interface Principal {
  readonly id: PrincipalId;
  readonly kind: "user" | "group" | "servicePrincipal" | "unknown";
  readonly name: string;
  /** Users only: whether they can sign in, are guests, come from an on-premises directory. */
  readonly enabled?: boolean;
  readonly guest?: boolean;
  readonly synchronised?: boolean;
}

export interface RoleDefinition {
  readonly id: RoleDefinitionId;
  readonly name: string;
  readonly builtIn: boolean;
  /** What a custom role allows; left out for a built-in one, which is known by its id. */
  readonly actions?: readonly string[];
}

/** A role-holding group with those who get the role through it, or can put people into it. */
export interface HoldingGroup {
  readonly id: PrincipalId;
  readonly members: readonly PrincipalId[];
  readonly owners: readonly PrincipalId[];
}

/** Somebody who can become member or owner of a group by activating it (PIM for groups). */
export interface GroupEligible {
  readonly principal: Principal;
  readonly as: "member" | "owner";
}

/** A service principal with tier-0 permissions or with roles. */
export interface PrivilegedApplication {
  readonly id: PrincipalId;
  readonly name: string;
  readonly enabled: boolean;
  /** Tier-0 permissions only, as Microsoft Graph names them. */
  readonly permissions: readonly string[];
  /** Whoever owns it can add a secret and use it. */
  readonly owners: readonly Principal[];
  /** So can whoever owns its app registration, where that is in this tenant. */
  readonly registrationOwners: readonly Principal[];
  /** Not all owners were shown. */
  readonly moreOwners: boolean;
}

/** What an application may do in the name of everybody, or of one person. */
export interface DelegatedGrant {
  readonly id: PrincipalId;
  readonly name: string;
  readonly enabled: boolean;
  /** Tier-0 permissions only. */
  readonly permissions: readonly string[];
  readonly of: Principal | "everybody";
}

/** `notAllowed`: our identity may not read them, so nothing is known. */
export type DelegatedPosture =
  { readonly kind: "read"; readonly grants: readonly DelegatedGrant[] } | { readonly kind: "notAllowed" };

/** `notAllowed`: our identity may not read applications, so nothing is known of them. */
export type ApplicationPosture =
  { readonly kind: "read"; readonly applications: readonly PrivilegedApplication[] } | { readonly kind: "notAllowed" };

/** What the directory shows at one moment, read in one pass. */
export interface DirectoryPosture {
  readonly readAt: Instant;
  readonly active: readonly ActiveAssignment[];
  readonly eligible: readonly Eligibility[];
  readonly roles: ReadonlyMap<RoleDefinitionId, RoleDefinition>;
  readonly principals: ReadonlyMap<PrincipalId, Principal>;
  readonly groups: ReadonlyMap<PrincipalId, HoldingGroup>;
}

/** Everybody and everything that has a role or may activate one, itself or through a group. */
export const holdersOf = ({ active, eligible, groups }: DirectoryPosture): ReadonlySet<PrincipalId> =>
  new Set([
    ...[...active, ...eligible].map(({ principalId }) => principalId),
    ...[...groups.values()].flatMap(({ members }) => members),
  ]);

const isAssigned = ({ assignmentType }: ActiveAssignment): boolean => assignmentType.toLowerCase() === "assigned";

/** Held without an end and without having been activated. */
export const isStanding = (row: ActiveAssignment): boolean => isAssigned(row) && row.endsAt === undefined;

/** Held until an end that an administrator or a system set. */
export const isTimeBound = (row: ActiveAssignment): boolean => isAssigned(row) && row.endsAt !== undefined;

/** Only a row of the principal's own can be removed; others are removed where they come from. */
export const isDirect = ({ memberType }: { readonly memberType: string }): boolean =>
  memberType.toLowerCase() === "direct";

/** The last moment of an exception, whose day is the one that the policy names. */
export const lastMoment = ({ until }: Pick<StandingException, "until">): Instant => plus(until, -1);

/** The exception that covers a row at an instant. */
export const exceptionFor = (
  row: Pick<ActiveAssignment, "principalId" | "roleDefinitionId">,
  exceptions: readonly StandingException[],
  now: Instant,
): StandingException | undefined =>
  exceptions.find(
    ({ principalId, roleDefinitionId, until }) =>
      principalId === row.principalId && roleDefinitionId === row.roleDefinitionId && now < until,
  );
