import type { ActiveAssignment, Assignment, Eligibility } from "./directory.ts";
import type { PersonKey, PrincipalId, RoleDefinitionId } from "./ids.ts";
import type { PeopleMap } from "./people.ts";
import type { Governance, Policy } from "./policy.ts";
import {
  exceptionFor,
  isDirect,
  isStanding,
  lastMoment,
  type DirectoryPosture,
  type HoldingGroup,
  type Principal,
} from "./posture.ts";
import { DIRECTORY_SYNCHRONIZATION, GLOBAL_ADMINISTRATOR, riskRank, waveOf } from "./privileged-roles.ts";
import type { Instant } from "./time.ts";

/** Fewer enabled accounts with standing Global Administrator than this, and a tenant can lock itself out. */
export const FEWEST_GLOBAL_ADMINISTRATORS = 2;

/** Why a standing assignment is not converted. Stable; `left` stays on purpose, `blocked` waits for somebody. */
export const PLAN_REASONS = {
  Convert: "Nothing speaks against it: the person becomes eligible and keeps no standing access.",
  BreakGlass: "A break-glass account keeps its standing access.",
  OwnIdentity: "An identity of this system itself.",
  ServicePrincipal: "A service principal or managed identity cannot be eligible for a directory role.",
  Synchronisation: "Belongs to directory synchronisation, which would stop.",
  HeldByGroup: "Held through a group: it is taken away at the group.",
  Exception: "The policy names it as an exception.",
  PrincipalUnknown: "The directory does not show who this is.",
  AccountDisabled: "The account is disabled: take the role away in Entra, nobody could use an eligibility.",
  PersonUnknown: "The account belongs to no person of the people map, so the person could not activate the role here.",
  RoleNotBrokered: "The policy does not list the role, so nobody could activate it here.",
  EligibilityNeedsMfa:
    "The role's settings ask for MFA from whoever makes somebody eligible, which no system can give.",
  FewGlobalAdministrators: "Fewer than two enabled accounts would keep standing Global Administrator.",
} as const;

export type PlanReason = keyof typeof PLAN_REASONS;
export type PlanAction = "convert" | "left" | "blocked";

const ACTION: Readonly<Record<PlanReason, PlanAction>> = {
  Convert: "convert",
  BreakGlass: "left",
  OwnIdentity: "left",
  ServicePrincipal: "left",
  Synchronisation: "left",
  HeldByGroup: "left",
  Exception: "left",
  PrincipalUnknown: "blocked",
  AccountDisabled: "blocked",
  PersonUnknown: "blocked",
  RoleNotBrokered: "blocked",
  EligibilityNeedsMfa: "blocked",
  FewGlobalAdministrators: "blocked",
};

/** What becomes of one standing assignment, and why. */
export interface PlanItem extends Assignment {
  readonly action: PlanAction;
  readonly reason: PlanReason;
  /** What the reason names: the group, the owner and end of an exception; `""`: nothing. */
  readonly detail: string;
  readonly wave: number;
  /** Place of the role in the order of risk, 1 is the worst. */
  readonly risk: number;
  readonly role: string;
  readonly holder: string;
  readonly person: PersonKey | "";
  /** The person is eligible already: only the standing assignment goes. */
  readonly eligible: boolean;
  /** How long an eligibility that is made lasts, in milliseconds; 0 = none is made. */
  readonly eligibleForMs: number;
}

/** A promise about the tenant that must hold before anything is converted. */
export interface PreflightCheck {
  readonly check: "breakGlassStand" | "globalAdministratorsStay" | "licence" | "permissions";
  readonly ok: boolean;
  readonly text: string;
}

/** Service plans that are on in a subscription of the tenant. `notAllowed`: our identity may not read them. */
export type Licences = { readonly kind: "read"; readonly plans: readonly string[] } | { readonly kind: "notAllowed" };

/** What this system may do in Microsoft Graph. `notKnown`: the part that changes things did not say so yet. */
export type Permissions = { readonly kind: "read"; readonly names: readonly string[] } | { readonly kind: "notKnown" };

/** What the settings of a role say about making somebody eligible. */
export interface EligibilityRules {
  /** Longest eligibility in milliseconds; `undefined`: no limit. */
  readonly longestMs: number | undefined;
  readonly needsMfa: boolean;
}

export interface StandingPlan {
  readonly tenantId: string;
  readonly policyHash: string;
  readonly takenAt: Instant;
  readonly preflight: readonly PreflightCheck[];
  /** By wave, then risk, then role, holder and scope. */
  readonly items: readonly PlanItem[];
}

interface PlanContext {
  readonly policy: Policy & { readonly governance: Governance };
  readonly people: PeopleMap;
  readonly rules: ReadonlyMap<RoleDefinitionId, EligibilityRules>;
  /** `undefined`: nobody asked, so nothing is said. */
  readonly licences?: Licences;
  readonly permissions?: Permissions;
}

/** What is looked up once for all that stands. */
interface Known {
  /** Accounts that keep standing Global Administrator in any case. */
  readonly stays: number;
  readonly eligible: ReadonlyMap<string, Eligibility>;
  readonly synchronising: ReadonlySet<PrincipalId>;
}

/** What would be done about everything that stands. Pure: the same facts give the same plan. */
export function planConversion(posture: DirectoryPosture, context: PlanContext): StandingPlan {
  const { policy } = context;
  const stays = globalAdministratorsThatStay(posture, policy);
  const known: Known = {
    stays: stays.length,
    eligible: new Map(posture.eligible.filter(isDirect).map((row) => [tripleText(row), row])),
    synchronising: new Set(
      posture.active
        .filter(({ roleDefinitionId }) => roleDefinitionId === DIRECTORY_SYNCHRONIZATION)
        .map(({ principalId }) => principalId),
    ),
  };
  const items = posture.active
    .filter(isStanding)
    .map((row) => itemOf(row, posture, context, known))
    .toSorted(byOrder);
  return {
    tenantId: policy.tenantId,
    policyHash: policy.hash,
    takenAt: posture.readAt,
    preflight: [
      ...preflight(policy, stays),
      ...(context.licences ? [licenceCheck(context.licences)] : []),
      ...(context.permissions && policy.mode !== "observe" ? [permissionCheck(context.permissions)] : []),
    ],
    items,
  };
}

/** Enabled break-glass accounts with standing Global Administrator: they are never converted. */
function globalAdministratorsThatStay(
  { active, principals }: Pick<DirectoryPosture, "active" | "principals">,
  { breakGlassAccounts }: Pick<Policy, "breakGlassAccounts">,
): readonly PrincipalId[] {
  return breakGlassAccounts.filter(
    (account) =>
      principals.get(account)?.enabled === true &&
      active.some(
        (row) =>
          row.principalId === account &&
          row.roleDefinitionId === GLOBAL_ADMINISTRATOR &&
          row.directoryScopeId === "/" &&
          isStanding(row),
      ),
  );
}

function preflight({ breakGlassAccounts }: Policy, stays: readonly PrincipalId[]): readonly PreflightCheck[] {
  const missing = breakGlassAccounts.filter((account) => !stays.includes(account));
  return [
    {
      check: "breakGlassStand",
      ok: missing.length === 0,
      text:
        missing.length === 0
          ? `All ${breakGlassAccounts.length} break-glass accounts are enabled and hold standing Global Administrator.`
          : `Not enabled, or without standing Global Administrator: ${missing.join(", ")}.`,
    },
    {
      check: "globalAdministratorsStay",
      ok: stays.length >= FEWEST_GLOBAL_ADMINISTRATORS,
      text: `${stays.length} enabled accounts keep standing Global Administrator; ${FEWEST_GLOBAL_ADMINISTRATORS} are needed.`,
    },
  ];
}

/** Nobody can be eligible without one of these service plans. @see https://learn.microsoft.com/entra/id-governance/licensing-fundamentals */
const PLANS_FOR_PIM = ["aad_premium_p2", "entra_identity_governance"];

/** Where the licences may not be read, the roles were: the directory refuses that without a licence. */
function licenceCheck(licences: Licences): PreflightCheck {
  if (licences.kind === "notAllowed")
    return {
      check: "licence",
      ok: true,
      text: "The licences were not read (LicenseAssignment.Read.All); PIM answers, which it does not without one.",
    };
  const found = licences.plans.find((plan) => PLANS_FOR_PIM.includes(plan.toLowerCase()));
  return {
    check: "licence",
    ok: found !== undefined,
    text:
      found === undefined
        ? "No subscription of this tenant has Entra ID P2 or ID Governance (AAD_PREMIUM_P2, Entra_Identity_Governance): nobody can be eligible."
        : `A subscription has ${found}.`,
  };
}

/** Making eligible, and taking standing access away; the last one may do both. */
const NEEDED = ["RoleEligibilitySchedule.ReadWrite.Directory", "RoleAssignmentSchedule.ReadWrite.Directory"];
const ALL_OF_IT = "RoleManagement.ReadWrite.Directory";

function permissionCheck(permissions: Permissions): PreflightCheck {
  const check = "permissions";
  if (permissions.kind === "notKnown")
    return { check, ok: true, text: "What the worker may do in Graph is not known yet: zs doctor tells when it is." };
  const missing = permissions.names.includes(ALL_OF_IT)
    ? []
    : NEEDED.filter((name) => !permissions.names.includes(name));
  return missing.length === 0
    ? { check, ok: true, text: "The worker may make eligible and take standing access away." }
    : { check, ok: false, text: `The worker lacks in Graph: ${missing.join(", ")}. zs doctor tells how to give it.` };
}

function itemOf(row: ActiveAssignment, posture: DirectoryPosture, context: PlanContext, known: Known): PlanItem {
  const { principalId, roleDefinitionId, directoryScopeId } = row;
  const principal = posture.principals.get(principalId);
  const eligible = known.eligible.get(tripleText(row));
  const person = context.people.byAccount(principalId);
  const { reason, detail } = judge(row, principal, posture, context, known);
  const longestMs = context.rules.get(roleDefinitionId)?.longestMs ?? Infinity;
  return {
    action: ACTION[reason],
    reason,
    detail: [detail, ...(reason === "Convert" && eligible ? [untilText(eligible)] : [])].filter(Boolean).join("; "),
    wave: waveOf(roleDefinitionId),
    risk: riskRank(roleDefinitionId),
    principalId,
    roleDefinitionId,
    directoryScopeId,
    role: posture.roles.get(roleDefinitionId)?.name ?? roleDefinitionId,
    holder: person?.name ?? principal?.name ?? principalId,
    person: person?.key ?? "",
    eligible: eligible !== undefined,
    eligibleForMs:
      ACTION[reason] === "convert" ? Math.min(context.policy.governance.longestEligibilityMs, longestMs) : 0,
  };
}

/** Nothing is made for who is eligible already: what ends then is what they have left. */
const untilText = ({ endsAt }: Eligibility): string =>
  endsAt === undefined ? "eligible already" : `eligible already, until ${endsAt.slice(0, 10)}`;

/** Names exactly one principal, role and scope. */
export const tripleText = ({ principalId, roleDefinitionId, directoryScopeId }: Assignment): string =>
  `${principalId} ${roleDefinitionId} ${directoryScopeId}`;

interface Judgement {
  readonly reason: PlanReason;
  readonly detail: string;
}

const because = (reason: PlanReason, detail = ""): Judgement => ({ reason, detail });

/** What must never be touched comes first, then what cannot be done, then what would lock people out. */
function judge(
  row: ActiveAssignment,
  principal: Principal | undefined,
  { groups, readAt }: DirectoryPosture,
  { policy, people, rules }: PlanContext,
  { stays, synchronising }: Known,
): Judgement {
  const { governance } = policy;
  if (policy.breakGlassAccounts.includes(row.principalId)) return because("BreakGlass");
  if (governance.ownIdentities.includes(row.principalId)) return because("OwnIdentity");
  if (principal?.kind === "servicePrincipal") return because("ServicePrincipal");
  if (synchronising.has(row.principalId)) return because("Synchronisation");
  if (principal?.kind === "group") return because("HeldByGroup", groupText(principal, groups.get(principal.id)));
  if (!isDirect(row)) return because("HeldByGroup");
  const exception = exceptionFor(row, governance.exceptions, readAt);
  if (exception) return because("Exception", `${exception.owner}, until ${lastMoment(exception).slice(0, 10)}: ${exception.because}`); // prettier-ignore
  if (principal?.kind !== "user") return because("PrincipalUnknown");
  if (principal.enabled !== true) return because("AccountDisabled");
  if (!people.byAccount(row.principalId)) return because("PersonUnknown");
  if (!policy.roles.some(({ roleDefinitionId }) => roleDefinitionId === row.roleDefinitionId))
    return because("RoleNotBrokered");
  if (rules.get(row.roleDefinitionId)?.needsMfa === true) return because("EligibilityNeedsMfa");
  if (row.roleDefinitionId === GLOBAL_ADMINISTRATOR && stays < FEWEST_GLOBAL_ADMINISTRATORS)
    return because("FewGlobalAdministrators", `${stays} would stay`);
  return because("Convert", principal.guest === true ? "a guest" : "");
}

const groupText = ({ name }: Principal, group: HoldingGroup | undefined): string =>
  group ? `${name}: ${group.members.length} members` : name;

const byOrder = (a: PlanItem, b: PlanItem): number =>
  a.wave - b.wave ||
  a.risk - b.risk ||
  a.role.localeCompare(b.role) ||
  a.holder.localeCompare(b.holder) ||
  a.principalId.localeCompare(b.principalId) ||
  a.directoryScopeId.localeCompare(b.directoryScopeId);
