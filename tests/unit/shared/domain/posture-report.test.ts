import { beforeEach, describe, expect, it } from "vitest";
import { readPosture } from "../../../../functions/standing/read-posture.ts";
import type { PrincipalId, RoleDefinitionId } from "../../../../shared/domain/ids.ts";
import type { Governance } from "../../../../shared/domain/policy.ts";
import { reportPosture, type ShownApplication } from "../../../../shared/domain/posture-report.ts";
import {
  holdersOf,
  type ApplicationPosture,
  type DelegatedPosture,
  type GroupEligible,
  type PrivilegedApplication,
} from "../../../../shared/domain/posture.ts";
import { aUser, ChangeWorld } from "../../../support/change-world.ts";
import { ADA, ROLE } from "../../../support/memory-world.ts";

const id = (n: number): PrincipalId => `e0000000-0000-4000-8000-${String(n).padStart(12, "0")}` as PrincipalId;
const READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451" as RoleDefinitionId;
const [SYNC, DAEMON, WORKER, MEMBER, GROUP] = [id(1), id(2), id(3), id(4), id(5)];

const application = (principal: PrincipalId, changes: Partial<PrivilegedApplication> = {}): PrivilegedApplication => ({
  id: principal,
  name: `application ${principal.slice(-1)}`,
  enabled: true,
  permissions: [],
  owners: [],
  registrationOwners: [],
  moreOwners: false,
  ...changes,
});

describe("the report of applications", () => {
  let world: ChangeWorld;
  beforeEach(() => {
    world = new ChangeWorld();
    world.directory.roles.set(READER, { id: READER, name: "Global Reader", builtIn: true });
  });

  async function report(
    applications: ApplicationPosture,
    delegated: DelegatedPosture = { kind: "notAllowed" },
    groupEligibilities: ReadonlyMap<PrincipalId, readonly GroupEligible[]> = new Map(),
  ) {
    const governance: Governance | undefined = world.policy.governance && {
      ...world.policy.governance,
      ownIdentities: [WORKER],
    };
    const posture = await readPosture({ clock: world.worker.clock, posture: world.directory });
    const { people } = world.worker.policies;
    const policy = { ...world.policy, governance };
    return reportPosture(posture, { policy, people, ours: new Set(), groupEligibilities, applications, delegated });
  }

  async function shown(...applications: readonly PrivilegedApplication[]): Promise<readonly ShownApplication[]> {
    const { applications: answered } = await report({ kind: "read", applications });
    if (!answered.read) throw new Error("not read");
    return answered.items;
  }

  it("never says that there are none when they were not read", async () => {
    expect((await report({ kind: "notAllowed" })).applications).toEqual({ read: false });
    expect((await report({ kind: "read", applications: [] })).applications).toEqual({ read: true, items: [] });
  });

  it("puts tier-0 permissions first, then the names in order", async () => {
    const tier0 = { permissions: ["RoleManagement.ReadWrite.Directory"] };
    const items = await shown(application(DAEMON), application(WORKER, tier0), application(SYNC, tier0));
    expect(items.map(({ name }) => name)).toEqual(["application 1", "application 3", "application 2"]);
  });

  it("shows our own identities as ours", async () => {
    const items = await shown(application(SYNC), application(WORKER));
    expect(items.map(({ own }) => own)).toEqual([false, true]);
  });

  it("names owners as the people map does, else as the directory does, else by id", async () => {
    const owners = [
      { id: ADA.dailyAccount, kind: "user" as const, name: "a.byron" },
      { id: id(8), kind: "servicePrincipal" as const, name: "Pipeline" },
      { id: id(9), kind: "unknown" as const, name: "" },
    ];
    const [item] = await shown(application(SYNC, { owners, moreOwners: true }));
    expect(item).toMatchObject({ owners: [ADA.name, "Pipeline", id(9)], moreOwners: true });
  });

  it("names an owner of the registration too, unless the application has the same one", async () => {
    const ada = { id: ADA.dailyAccount, kind: "user" as const, name: "a.byron" };
    const other = { id: id(9), kind: "user" as const, name: "Eva" };
    const [item] = await shown(application(SYNC, { owners: [ada], registrationOwners: [ada, other] }));
    expect(item).toMatchObject({ owners: [ADA.name], registrationOwners: ["Eva"] });
  });

  it("shows delegated permissions for everybody first, then by application and person", async () => {
    const grant = { id: SYNC, name: "Sync", enabled: true, permissions: ["Directory.AccessAsUser.All"] };
    const ada = { id: ADA.dailyAccount, kind: "user" as const, name: "a.byron" };
    const grants = [
      { ...grant, of: { id: id(9), kind: "unknown" as const, name: "" } },
      { ...grant, of: ada },
      { ...grant, id: WORKER, name: "", of: "everybody" as const },
    ];
    const { delegated } = await report({ kind: "notAllowed" }, { kind: "read", grants });
    if (!delegated.read) throw new Error("not read");
    expect(delegated.items.map(({ name, own, person }) => [name, own, person])).toEqual([
      [WORKER, true, null],
      ["Sync", false, ADA.name],
      ["Sync", false, id(9)],
    ]);
    expect((await report({ kind: "notAllowed" })).delegated).toEqual({ read: false });
  });

  it("names the roles that it holds itself and through a group, each once", async () => {
    world.directory.stand({ id: MEMBER, kind: "servicePrincipal", name: "application 4" }, READER);
    world.directory.stand({ id: GROUP, kind: "group", name: "Robots" }, ROLE);
    world.directory.stand({ id: GROUP, kind: "group", name: "Robots" }, READER);
    world.directory.holding.set(GROUP, { id: GROUP, members: [MEMBER], owners: [] });
    const [member, other] = await shown(application(MEMBER), application(SYNC, { name: "other" }));
    expect(member?.roles.toSorted()).toEqual(["Global Administrator", "Global Reader"]);
    expect(other?.roles).toEqual([]);
  });

  it("names who can activate membership or ownership of a group that holds a role, and tells nobody from not read", async () => {
    world.directory.stand({ id: GROUP, kind: "group", name: "Robots" }, ROLE);
    world.directory.holding.set(GROUP, { id: GROUP, members: [], owners: [] });
    const eligible = [
      { principal: { id: ADA.dailyAccount, kind: "user" as const, name: "a.byron" }, as: "member" as const },
      { principal: { id: id(9), kind: "user" as const, name: "Eva" }, as: "owner" as const },
    ];
    const groups = async (of?: readonly GroupEligible[]) =>
      (await report({ kind: "notAllowed" }, { kind: "notAllowed" }, new Map(of && [[GROUP, of]]))).groups;
    expect(await groups(eligible)).toMatchObject([{ eligible: [ADA.name, "Eva (as owner)"] }]);
    expect(await groups([])).toMatchObject([{ eligible: [] }]);
    expect(await groups()).toMatchObject([{ eligible: null }]);
  });

  it("names guests who hold a role themselves, and those who get it through a group", async () => {
    world.directory.stand({ id: GROUP, kind: "group", name: "Helpers" }, READER);
    world.directory.stand(aUser(id(8), { name: "Gast", guest: true }), ROLE);
    world.directory.principals.set(id(9), aUser(id(9), { name: "Ospite", guest: true }));
    world.directory.principals.set(id(7), aUser(id(7), { name: "Member" }));
    world.directory.holding.set(GROUP, { id: GROUP, members: [id(9), id(7)], owners: [] });
    expect((await report({ kind: "notAllowed" })).guests).toMatchObject([
      { holder: "Gast", role: "Global Administrator", principalId: id(8) },
      { holder: "Ospite (through Helpers)", role: "Global Reader", principalId: id(9), how: "standing" },
    ]);
  });

  it("shows an exception until the last day that the policy names", async () => {
    const { governance } = world.policy;
    if (!governance) throw new Error("no governance");
    const exception = { principalId: SYNC, roleDefinitionId: ROLE, owner: ADA.key, because: "a migration" };
    const exceptions = [{ ...exception, until: "2027-04-01T00:00:00.000Z" }];
    world.policy = { ...world.policy, governance: { ...governance, exceptions } };
    expect((await report({ kind: "notAllowed" })).exceptions).toMatchObject([
      { owner: ADA.name, until: "2027-03-31T23:59:59.999Z", stands: false, inForce: true },
    ]);
  });

  it("counts who gets a role only through a group among its holders", async () => {
    world.directory.stand({ id: GROUP, kind: "group", name: "Robots" }, ROLE);
    world.directory.holding.set(GROUP, { id: GROUP, members: [MEMBER], owners: [DAEMON] });
    const posture = await readPosture({ clock: world.worker.clock, posture: world.directory });
    const holders = holdersOf(posture);
    expect([MEMBER, GROUP, DAEMON, SYNC].map((one) => holders.has(one))).toEqual([true, true, false, false]);
  });
});
