import { describe, expect, it } from "vitest";
import { planApprovers, type ApproverFacts } from "../../../../shared/domain/approver-plan.ts";
import type { Account, Group } from "../../../../shared/domain/directory.ts";
import type { PrincipalId } from "../../../../shared/domain/ids.ts";
import { peopleMap } from "../../../../shared/domain/people.ts";
import type { ApproverSource, ManualApproval } from "../../../../shared/domain/policy.ts";
import { HOUR_MS } from "../../../../shared/domain/time.ts";
import { ADA, APPROVERS, CORA, DEV, EVA, OWNERS } from "../../../support/memory-world.ts";

const SECOND = "00000000-0000-4000-8000-0000000000f1" as PrincipalId;
const ADA_TWICE = { ...ADA, adminAccounts: [...ADA.adminAccounts, SECOND] };
const STRANGER = "00000000-0000-4000-8000-0000000000ff" as PrincipalId;

const group = (id: PrincipalId, members: readonly PrincipalId[], changes: Partial<Group> = {}): Group => ({
  id,
  assignableToRole: true,
  dynamic: false,
  nested: false,
  owned: false,
  members,
  ...changes,
});

const account = (id: PrincipalId, changes: Partial<Account> = {}): Account => ({
  id,
  enabled: true,
  userType: "Member",
  ...changes,
});

interface Directory {
  readonly groups?: readonly Group[];
  readonly manager?: PrincipalId;
  readonly accounts?: readonly Account[];
}

function facts({ groups = [], manager, accounts = [] }: Directory): ApproverFacts {
  const everybody = [ADA_TWICE, CORA, DEV, EVA].flatMap((one) => [one.dailyAccount, ...one.adminAccounts]);
  return {
    people: peopleMap([ADA_TWICE, CORA, DEV, EVA]),
    groups: new Map(groups.map((one) => [one.id, one])),
    manager,
    accounts: new Map([...[...everybody, STRANGER].map((id) => account(id)), ...accounts].map((one) => [one.id, one])),
  };
}

const from = (id: PrincipalId): ApproverSource => ({ kind: "group", group: id });
const approval = (changes: Partial<ManualApproval> = {}): ManualApproval => ({
  requirements: [{ name: "Security", count: 1, from: [from(APPROVERS)] }],
  decideWithinMs: 4 * HOUR_MS,
  remindAfterMs: HOUR_MS,
  escalateAfterMs: 2 * HOUR_MS,
  backups: [],
  ...changes,
});

const persons = (plan: ReturnType<typeof planApprovers>): readonly string[] =>
  "refusal" in plan ? [`${plan.refusal.reason} ${plan.refusal.detail ?? ""}`] : plan.approvers.map((one) => one.person);

describe("planApprovers", () => {
  it("asks the members of the group, each person once, with numbers from 1", () => {
    const members = [CORA.dailyAccount, DEV.dailyAccount, ...CORA.adminAccounts];
    expect(planApprovers(approval(), ADA.key, facts({ groups: [group(APPROVERS, members)] }))).toEqual({
      requirements: [{ name: "Security", count: 1, persons: [CORA.key, DEV.key] }],
      approvers: [
        { slot: 1, person: CORA.key, account: CORA.dailyAccount, backup: false },
        { slot: 2, person: DEV.key, account: DEV.dailyAccount, backup: false },
      ],
    });
  });

  it.each([
    ["under the same account", ADA.dailyAccount],
    ["behind a second account", SECOND],
  ])("never asks the requester %s", (_, member) => {
    const both = facts({ groups: [group(APPROVERS, [member, CORA.dailyAccount])] });
    expect(persons(planApprovers(approval(), ADA.key, both))).toEqual([CORA.key]);
    const alone = facts({ groups: [group(APPROVERS, [member])] });
    expect(persons(planApprovers(approval(), ADA.key, alone))).toEqual(["NoApprover Security"]);
  });

  it.each<[string, Partial<Group>]>([
    ["anybody may be put into", { assignableToRole: false }],
    ["a rule fills", { dynamic: true }],
    ["holds other groups", { nested: true }],
    ["has owners", { owned: true }],
    ["is empty", { members: [] }],
  ])("takes nobody from a group that %s", (_, changes) => {
    const open = facts({ groups: [group(APPROVERS, [CORA.dailyAccount], changes)] });
    expect(persons(planApprovers(approval(), ADA.key, open))).toEqual(["NoApprover Security"]);
  });

  it.each<[string, Account]>([
    ["a disabled account", account(CORA.dailyAccount, { enabled: false })],
    ["a guest", account(CORA.dailyAccount, { userType: "Guest" })],
  ])("takes no decision from %s", (_, changed) => {
    const some = facts({ groups: [group(APPROVERS, [CORA.dailyAccount])], accounts: [changed] });
    expect(persons(planApprovers(approval(), ADA.key, some))).toEqual(["NoApprover Security"]);
  });

  it("takes nobody whom the people map does not know", () => {
    const strange = facts({ groups: [group(APPROVERS, [STRANGER])] });
    expect(persons(planApprovers(approval(), ADA.key, strange))).toEqual(["NoApprover Security"]);
  });

  it("names the first requirement that cannot be met", () => {
    const requirements = [
      { name: "Security", count: 1, from: [from(APPROVERS)] },
      { name: "Manager", count: 1, from: [{ kind: "manager" as const }] },
    ];
    const security = [group(APPROVERS, [CORA.dailyAccount])];
    const plan = (directory: Directory): readonly string[] =>
      persons(planApprovers(approval({ requirements }), ADA.key, facts(directory)));
    expect(plan({ groups: security })).toEqual(["NoApprover Manager"]);
    expect(plan({ groups: security, manager: EVA.dailyAccount })).toEqual([CORA.key, EVA.key]);
    expect(plan({ groups: security, manager: ADA.dailyAccount })).toEqual(["NoApprover Manager"]);
  });

  it("needs as many persons as the count, backups among them", () => {
    const requirements = [{ name: "Two", count: 2, from: [from(APPROVERS)] }];
    const groups = [group(APPROVERS, [CORA.dailyAccount]), group(OWNERS, [DEV.dailyAccount, CORA.dailyAccount])];
    expect(persons(planApprovers(approval({ requirements }), ADA.key, facts({ groups })))).toEqual(["NoApprover Two"]);
    const withBackups = planApprovers(approval({ requirements, backups: [from(OWNERS)] }), ADA.key, facts({ groups }));
    expect(withBackups).toMatchObject({
      approvers: [
        { slot: 1, person: CORA.key, backup: false },
        { slot: 2, person: DEV.key, backup: true },
      ],
    });
  });

  it("asks a person whom the policy names by account", () => {
    const requirements = [{ name: "Dev", count: 1, from: [{ kind: "user" as const, account: DEV.dailyAccount }] }];
    expect(persons(planApprovers(approval({ requirements }), ADA.key, facts({})))).toEqual([DEV.key]);
  });
});
