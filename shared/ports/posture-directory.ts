import type { ActiveAssignment, Assignment, DirectoryAnswer, Eligibility } from "../domain/directory.ts";
import type { RoleRule, RoleSettings } from "../domain/baseline.ts";
import type { ContextPolicies } from "../domain/context-policy.ts";
import type { DirectoryActivity } from "../domain/deeds.ts";
import type { PrincipalId, RoleDefinitionId } from "../domain/ids.ts";
import type { NativeActivation } from "../domain/native-activation.ts";
import type {
  ApplicationPosture,
  DelegatedPosture,
  GroupEligible,
  HoldingGroup,
  Principal,
  RoleDefinition,
} from "../domain/posture.ts";
import type { EligibilityRules, Licences } from "../domain/standing-plan.ts";
import type { Instant } from "../domain/time.ts";

/**
 * The whole tenant's roles, read page by page. Reads throw `DependencyError` and may be repeated freely. A visitor is
 * called with one page at a time, in order, and is waited for.
 */
export interface PostureDirectory {
  /** Every active row of every role, with what the directory says at once of its holder. */
  visitActive(visit: (rows: readonly ActiveAssignment[], holders: readonly Principal[]) => void): Promise<void>;
  /** @param role only rows of this role; of every role unless said otherwise */
  visitEligible(
    visit: (rows: readonly Eligibility[], holders: readonly Principal[]) => void | Promise<void>,
    role?: RoleDefinitionId,
  ): Promise<void>;
  roleDefinitions(): Promise<readonly RoleDefinition[]>;
  /** What is known of users: whether they can sign in, are guests, are synchronised. Ids that are no users are left out. */
  users(ids: readonly PrincipalId[]): Promise<readonly Principal[]>;
  /** The managers of those who have one, by whose manager they are. Ids that are no users are left out. */
  managers(of: readonly PrincipalId[]): Promise<ReadonlyMap<PrincipalId, PrincipalId>>;
  holdingGroup(id: PrincipalId): Promise<HoldingGroup | undefined>;
  /** Who can activate membership or ownership of a group (PIM for groups); `undefined`: that may not be read. */
  groupEligibilities(id: PrincipalId): Promise<readonly GroupEligible[] | undefined>;
  /**
   * Service principals with tier-0 permissions, and those among the holders of roles, with their owners and those of their registrations. Reads every
   * service principal of the tenant: for reports only.
   */
  applications(holders: ReadonlySet<PrincipalId>): Promise<ApplicationPosture>;
  /** Delegated tier-0 permissions. Reads every grant of the tenant: for reports only. */
  delegatedGrants(): Promise<DelegatedPosture>;
  /** The settings of every role in PIM, rule by rule: one list for all roles. */
  roleSettings(): Promise<ReadonlyMap<RoleDefinitionId, RoleSettings>>;
  /** Sign-ins of the accounts since the instant, as far as the log has them. */
  signIns(accounts: readonly PrincipalId[], since: Instant): Promise<readonly SeenSignIn[]>;
  licences(): Promise<Licences>;
  /** The Conditional Access policies of the tenant. */
  contextPolicies(): Promise<ContextPolicies>;
  /**
   * What the account did in the directory between the instants, as far as the log has it, the oldest first. No page is read
   * after `enough`: each costs one of the few reads that the log answers. @param visit.more whether there is another page
   */
  visitActivities(
    account: PrincipalId,
    from: Instant,
    to: Instant,
    visit: (activities: readonly DirectoryActivity[], more: boolean) => "enough" | undefined,
  ): Promise<void>;
  /** What people activated in PIM itself since the instant and got, as far as the directory keeps it (about 45 days). */
  nativeActivations(since: Instant): Promise<readonly NativeActivation[]>;
  /** What the settings of every role say about making somebody eligible. */
  eligibilityRules(): Promise<ReadonlyMap<RoleDefinitionId, EligibilityRules>>;
}

export interface SeenSignIn {
  readonly id: string;
  readonly account: PrincipalId;
  readonly at: Instant;
}

/** What a change of eligibility carries: our id, to be found again after a crash. */
interface Writing {
  readonly justification: string;
  readonly correlationId: string;
}

/** Changes of who is eligible, and what stands. Sent once, never repeated by the adapter; the answer is a value. */
export interface EligibilityDirectory {
  /**
   * Rows in force now for exactly these principals, roles and scopes, in their order: what is held, and what may be. One
   * request for ten of them, as a rule.
   */
  looks(
    assignments: readonly Assignment[],
  ): Promise<readonly { readonly active: readonly ActiveAssignment[]; readonly eligible: readonly Eligibility[] }[]>;
  /** @param writing.durationMs `undefined`: without an end */
  makeEligible(
    assignment: Assignment,
    writing: Writing & { readonly durationMs: number | undefined },
  ): Promise<DirectoryAnswer>;
  /** Moves the end of an eligibility that there is. */
  extendEligibility(assignment: Assignment, writing: Writing & { readonly until: Instant }): Promise<DirectoryAnswer>;
  endEligibility(assignment: Assignment, writing: Writing): Promise<DirectoryAnswer>;
  /** Replaces one rule of a role's settings with the whole of it. */
  patchRule(policyId: string, rule: RoleRule, correlationId: string): Promise<DirectoryAnswer>;
  /** The way back of a conversion only: access without an end. */
  assignWithoutEnd(assignment: Assignment, writing: Writing): Promise<DirectoryAnswer>;
}
