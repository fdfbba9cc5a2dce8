import type { ActiveAssignment, Assignment, DirectoryAnswer } from "../../shared/domain/directory.ts";
import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { ContextPolicies, ContextPolicy } from "../../shared/domain/context-policy.ts";
import type { DirectoryActivity } from "../../shared/domain/deeds.ts";
import type { NativeActivation } from "../../shared/domain/native-activation.ts";
import type {
  ApplicationPosture,
  DelegatedPosture,
  GroupEligible,
  HoldingGroup,
  Principal,
  RoleDefinition,
} from "../../shared/domain/posture.ts";
import { tripleText, type EligibilityRules, type Licences } from "../../shared/domain/standing-plan.ts";
import { instant, MINUTE_MS, msOf, plus, type Instant } from "../../shared/domain/time.ts";
import type { RoleRule, RoleSettings } from "../../shared/domain/baseline.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { EligibilityDirectory, PostureDirectory, SeenSignIn } from "../../shared/ports/posture-directory.ts";
import { MemoryDirectory, refusedWith } from "./memory-directory.ts";

/** What stands and who is eligible, with PIM's rules that matter to a conversion; every write and its order is kept. */
export class MemoryTenant extends MemoryDirectory implements PostureDirectory, EligibilityDirectory {
  readonly standing: (ActiveAssignment & { removedAt?: Instant })[] = [];
  readonly principals = new Map<PrincipalId, Principal>();
  readonly roles = new Map<RoleDefinitionId, RoleDefinition>();
  readonly rules = new Map<RoleDefinitionId, EligibilityRules>();
  readonly holding = new Map<PrincipalId, HoldingGroup>();
  /** What happened, in order: `eligible`, `-eligible`, `active`, `-active`, each with its triple. */
  readonly journal: string[] = [];
  /** Removing an active row takes the eligibility with it, as the directory was seen to do. */
  dropsEligibility = false;
  readonly #clock: () => Instant;

  constructor(now: () => Instant) {
    super(now);
    this.#clock = now;
  }

  stand(
    principal: Principal,
    roleDefinitionId: RoleDefinitionId,
    changes: Partial<ActiveAssignment> = {},
  ): ActiveAssignment {
    this.principals.set(principal.id, principal);
    const row: ActiveAssignment = {
      principalId: principal.id,
      roleDefinitionId,
      directoryScopeId: "/" as DirectoryScopeId,
      scheduleId: `standing-${this.standing.length + 1}`,
      assignmentType: "Assigned",
      memberType: "Direct",
      startsAt: instant(msOf(this.#clock()) - 90 * 24 * 60 * MINUTE_MS),
      endsAt: undefined,
      ...changes,
    };
    this.standing.push(row);
    return row;
  }

  standsNow = (): readonly ActiveAssignment[] => this.standing.filter(({ removedAt }) => removedAt === undefined);

  override async activeAssignments(wanted: Assignment): Promise<readonly ActiveAssignment[]> {
    const stands = this.standsNow().filter((row) => tripleText(row) === tripleText(wanted));
    return [...(await super.activeAssignments(wanted)), ...stands];
  }

  override async activeAssignmentsOfRoles(
    ...roles: Parameters<MemoryDirectory["activeAssignmentsOfRoles"]>
  ): Promise<readonly ActiveAssignment[]> {
    return [...(await super.activeAssignmentsOfRoles(...roles)), ...this.standsNow()];
  }

  async visitActive(visit: Parameters<PostureDirectory["visitActive"]>[0]): Promise<void> {
    visit(this.standsNow(), [...this.principals.values()]);
    visit(await super.activeAssignmentsOfRoles(), []);
  }

  async visitEligible(...[visit, role]: Parameters<PostureDirectory["visitEligible"]>): Promise<void> {
    await super.eligibilities("" as PrincipalId);
    const rows = this.eligible.filter(({ roleDefinitionId }) => role === undefined || roleDefinitionId === role);
    await visit(rows, [...this.principals.values()]);
  }

  roleDefinitions = async (): Promise<readonly RoleDefinition[]> => [...this.roles.values()];
  users = async (ids: readonly PrincipalId[]): Promise<readonly Principal[]> =>
    ids.flatMap((id) => this.principals.get(id) ?? []).filter(({ kind }) => kind === "user");
  async managers(of: readonly PrincipalId[]): Promise<ReadonlyMap<PrincipalId, PrincipalId>> {
    await super.eligibilities("" as PrincipalId);
    return new Map(
      of.flatMap((id) => {
        const manager = this.managerOf.get(id);
        return manager ? [[id, manager] as const] : [];
      }),
    );
  }
  holdingGroup = async (id: PrincipalId): Promise<HoldingGroup | undefined> => this.holding.get(id);
  readonly groupEligible = new Map<PrincipalId, readonly GroupEligible[]>();
  groupEligibilities = async (id: PrincipalId): Promise<readonly GroupEligible[] | undefined> =>
    this.groupEligible.get(id);
  delegatedGrants = async (): Promise<DelegatedPosture> => ({ kind: "notAllowed" });
  applications = async (): Promise<ApplicationPosture> => ({ kind: "notAllowed" });
  readonly settings = new Map<RoleDefinitionId, RoleSettings>();
  readonly seenSignIns: SeenSignIn[] = [];
  roleSettings = async (): Promise<ReadonlyMap<RoleDefinitionId, RoleSettings>> => this.settings;

  patchRule(policyId: string, rule: RoleRule): Promise<DirectoryAnswer> {
    return this.#write(() => {
      for (const [role, found] of this.settings)
        if (found.policyId === policyId)
          this.settings.set(role, { policyId, rules: found.rules.map((one) => (one.id === rule.id ? rule : one)) });
      this.journal.push(`rule ${rule.id}`);
      return done("Provisioned");
    });
  }
  signIns = async (accounts: readonly PrincipalId[], since: Instant): Promise<readonly SeenSignIn[]> => {
    if (this.readsFail) throw new DependencyError("Unavailable", "the directory does not answer");
    return this.seenSignIns.filter(({ account, at }) => accounts.includes(account) && at >= since);
  };
  licensed: Licences = { kind: "read", plans: ["AAD_PREMIUM_P2"] };
  licences = async (): Promise<Licences> => this.licensed;
  access: ContextPolicies = { kind: "read", policies: [STEP_UP_POLICY] };
  contextPolicies = async (): Promise<ContextPolicies> => {
    if (this.readsFail) throw new DependencyError("Unavailable", "the directory does not answer");
    return this.access;
  };
  /** The directory's log: what which account did. */
  readonly log: (DirectoryActivity & { readonly account: PrincipalId })[] = [];
  readonly logReads: PrincipalId[] = [];
  logPage = 999;
  visitActivities: PostureDirectory["visitActivities"] = async (account, from, to, visit) => {
    let rest = this.log.filter((one) => one.account === account && one.at >= from && one.at <= to);
    do {
      this.logReads.push(account);
      const page = rest.slice(0, this.logPage);
      rest = rest.slice(this.logPage);
      if (visit(page, rest.length > 0) === "enough") return;
    } while (rest.length > 0);
  };
  readonly native: NativeActivation[] = [];
  nativeActivations = async (since: Instant): Promise<readonly NativeActivation[]> =>
    this.native.filter(({ at }) => at >= since);
  eligibilityRules = async (): Promise<ReadonlyMap<RoleDefinitionId, EligibilityRules>> => this.rules;

  looks: EligibilityDirectory["looks"] = (wanted) =>
    Promise.all(
      wanted.map(async (one) => ({
        active: await this.activeAssignments(one),
        eligible: this.eligible.filter((row) => tripleText(row) === tripleText(one)),
      })),
    );

  makeEligible(
    assignment: Assignment,
    { durationMs }: Parameters<EligibilityDirectory["makeEligible"]>[1],
  ): Promise<DirectoryAnswer> {
    return this.#write(() => {
      if (this.eligible.some((row) => tripleText(row) === tripleText(assignment)))
        return refusedWith("RoleAssignmentExists");
      const endsAt = durationMs === undefined ? undefined : plus(this.#clock(), durationMs);
      this.eligible.push({ ...triple(assignment), memberType: "Direct", endsAt });
      this.journal.push(`eligible ${tripleText(assignment)}`);
      return done("Provisioned");
    });
  }

  extendEligibility(
    assignment: Assignment,
    { until }: Parameters<EligibilityDirectory["extendEligibility"]>[1],
  ): Promise<DirectoryAnswer> {
    return this.#write(() => {
      const index = this.eligible.findIndex((row) => tripleText(row) === tripleText(assignment));
      if (index === -1) return refusedWith("RoleAssignmentDoesNotExist");
      this.eligible.splice(index, 1, { ...triple(assignment), memberType: "Direct", endsAt: until });
      this.journal.push(`+eligible ${tripleText(assignment)}`);
      return done("Provisioned");
    });
  }

  endEligibility(assignment: Assignment): Promise<DirectoryAnswer> {
    return this.#write(() => {
      const index = this.eligible.findIndex((row) => tripleText(row) === tripleText(assignment));
      if (index === -1) return refusedWith("RoleAssignmentDoesNotExist");
      this.eligible.splice(index, 1);
      this.journal.push(`-eligible ${tripleText(assignment)}`);
      return done("Revoked");
    });
  }

  assignWithoutEnd(assignment: Assignment): Promise<DirectoryAnswer> {
    return this.#write(() => {
      if (this.standsNow().some((row) => tripleText(row) === tripleText(assignment)))
        return refusedWith("RoleAssignmentExists");
      this.stand(
        this.principals.get(assignment.principalId) ?? unknown(assignment.principalId),
        assignment.roleDefinitionId,
        {
          directoryScopeId: assignment.directoryScopeId,
          startsAt: this.#clock(),
        },
      );
      this.journal.push(`active ${tripleText(assignment)}`);
      return done("Provisioned");
    });
  }

  override remove(assignment: Assignment): Promise<DirectoryAnswer> {
    const row = this.standing.find((one) => one.removedAt === undefined && tripleText(one) === tripleText(assignment));
    if (!row) return super.remove(assignment);
    return this.#write(() => {
      if (row.startsAt !== undefined && msOf(this.#clock()) < msOf(row.startsAt) + 5 * MINUTE_MS)
        return refusedWith("ActiveDurationTooShort");
      row.removedAt = this.#clock();
      this.journal.push(`-active ${tripleText(assignment)}`);
      if (this.dropsEligibility)
        this.eligible.splice(
          0,
          this.eligible.length,
          ...this.eligible.filter((one) => tripleText(one) !== tripleText(assignment)),
        );
      return done("Revoked");
    });
  }

  async #write(effect: () => DirectoryAnswer): Promise<DirectoryAnswer> {
    const fault = this.faults.shift();
    if (!fault) return effect();
    if (fault.effect) effect();
    if (fault.answer === "throws") throw new Error("the process died");
    return fault.answer;
  }
}

/** What must stand behind the authentication context of every role. */
export const STEP_UP_POLICY: ContextPolicy = {
  name: "step-up",
  state: "enabled",
  contexts: ["c1"],
  includes: { users: ["All"], groups: [] },
  excludes: { users: [], groups: [] },
  narrowedBy: [],
  combinations: ["fido2"],
  hasAlternative: false,
  everyTime: true,
};

const triple = ({ principalId, roleDefinitionId, directoryScopeId }: Assignment): Assignment => ({
  principalId,
  roleDefinitionId,
  directoryScopeId,
});
const unknown = (id: PrincipalId): Principal => ({ id, kind: "unknown", name: "" });
const done = (status: string): DirectoryAnswer => ({
  kind: "accepted",
  requestId: "r",
  status,
  scheduleId: "s",
  correlationId: "",
});
