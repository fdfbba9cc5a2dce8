import { beforeEach, describe, expect, it } from "vitest";
import { checkDaily } from "../../functions/triggers/check-drift.timer.ts";
import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { aUser, BREAK_GLASS, ChangeWorld } from "../support/change-world.ts";
import { NO_ANSWER, refusedWith } from "../support/memory-directory.ts";
import { ADA, adminOf, APPROVE, CORA, ROLE } from "../support/memory-world.ts";

let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
  world.policy = { ...world.policy, selfActivated: "end" };
});

/** Ada activated the role in PIM itself. */
const activated = (changes: Partial<ActiveAssignment> = {}): ActiveAssignment =>
  world.directory.stand(aUser(adminOf(ADA), { name: ADA.name }), ROLE, {
    assignmentType: "Activated",
    startsAt: plus(world.now, -10 * MINUTE_MS),
    endsAt: plus(world.now, 3 * HOUR_MS),
    ...changes,
  });

const stands = ({ scheduleId }: ActiveAssignment): boolean =>
  world.directory.standsNow().some((row) => row.scheduleId === scheduleId);
const recorded = (): readonly string[] => world.findings().map(({ type }) => type);
const open = () => [...world.tables.openFindings.values()].filter(({ kind }) => kind === "foreignAssignment");
const lines = (): readonly string[] =>
  world.mails.filter(({ subject }) => subject.includes("outside")).map(({ html }) => html);

describe("what a person activated in PIM itself", () => {
  it("is ended where the policy says so: written down before, read back after, told once", async () => {
    const row = activated();
    await world.reconcile();
    await world.reconcile();
    expect(stands(row)).toBe(false);
    expect(recorded()).toEqual(["FindingReported", "RemovalAttempted", "SelfActivationEnded"]);
    expect(world.findings()[2]?.data).toMatchObject({ scheduleId: row.scheduleId, principalId: adminOf(ADA) });
    expect(lines()).toEqual([expect.stringMatching(/ada holds Global Administrator [^]* It was ended/)]);
  });

  it("is only reported where the policy says nothing", async () => {
    world.policy = { ...world.policy, selfActivated: "report" };
    const row = activated();
    await world.reconcile();
    expect(stands(row)).toBe(true);
    expect(recorded()).toEqual(["FindingReported"]);
  });

  it("is only reported where the tenant is only watched", async () => {
    world.policy = { ...world.policy, mode: "observe" };
    const row = activated();
    await world.reconcile();
    expect(stands(row)).toBe(true);
    expect(recorded()).toEqual(["FindingReported"]);
  });

  it.each<[string, Partial<ActiveAssignment>]>([
    ["stands permanently", { assignmentType: "Assigned", endsAt: undefined }],
    ["was assigned for a time", { assignmentType: "Assigned" }],
    ["is of a break-glass account", { principalId: BREAK_GLASS[0] ?? adminOf(ADA) }],
    ["is held through a group", { memberType: "Group" }],
  ])("is left alone where the row %s", async (_what, changes) => {
    const row = activated(changes);
    await world.reconcile();
    expect(stands(row)).toBe(true);
    expect(recorded()).not.toContain("RemovalAttempted");
  });

  it("is never what an activation of this system holds", async () => {
    world.directory.eligible.push({ ...triple(), memberType: "Direct", endsAt: undefined });
    await world.claim();
    await world.run();
    await world.stepUp();
    await world.run();
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("Active");
    world.now = plus(world.now, 10 * MINUTE_MS);
    const read = world.directory.activeAssignmentsOfRoles.bind(world.directory);
    world.directory.activeAssignmentsOfRoles = async (...roles) =>
      (await read(...roles)).map((row) => ({ ...row, assignmentType: "Activated" }));
    await world.reconcile();
    expect(world.directory.live()).toHaveLength(1);
    expect(recorded()).toEqual([]);
  });

  it("is not touched when another row of the same came in its place since it was listed", async () => {
    const row = activated();
    const read = world.directory.activeAssignmentsOfRoles.bind(world.directory);
    world.directory.activeAssignmentsOfRoles = async (...roles) => {
      const rows = await read(...roles);
      world.directory.standing.splice(
        world.directory.standing.findIndex((one) => one.scheduleId === row.scheduleId),
        1,
      );
      activated({ scheduleId: "another" });
      return rows;
    };
    await world.reconcile();
    expect(world.directory.standsNow().map(({ scheduleId }) => scheduleId)).toContain("another");
    expect(recorded()).toEqual(["FindingReported", "FindingGone"]);
    expect(lines()).toEqual([expect.stringContaining("It is over by now.")]);
  });

  it("waits out the directory's first five minutes, and is ended at the next run", async () => {
    const row = activated({ startsAt: plus(world.now, -MINUTE_MS) });
    await world.reconcile();
    expect(stands(row)).toBe(true);
    world.now = plus(world.now, 5 * MINUTE_MS);
    await world.reconcile();
    expect(stands(row)).toBe(false);
    expect(lines()).toEqual([expect.stringContaining("It will be ended"), expect.stringContaining("It was ended")]);
  });

  it.each([
    ["refuses", refusedWith("ActiveDurationTooShort")],
    ["is throttled", refusedWith("TooManyRequests", 429)],
  ])("is tried again at every run while the directory %s", async (_what, answer) => {
    const row = activated();
    world.directory.faults.push({ effect: false, answer }, { effect: false, answer });
    await world.reconcile();
    await world.reconcile();
    expect(stands(row)).toBe(true);
    await world.reconcile();
    expect(stands(row)).toBe(false);
    expect(recorded()).toEqual(["FindingReported", "RemovalAttempted", "SelfActivationEnded"]);
    expect(lines()).toEqual([
      expect.stringContaining("could not be ended yet"),
      expect.stringContaining("It was ended"),
    ]);
  });

  it("is said to be ended only after its absence was read, however far the directory lags behind", async () => {
    const row = activated();
    const read = world.directory.activeAssignments.bind(world.directory);
    const shown: boolean[] = [];
    world.directory.activeAssignments = async (wanted) => {
      const lagging = !stands(row) && shown.filter(Boolean).length < 3;
      const rows = lagging ? [row] : await read(wanted);
      shown.push(rows.length > 0);
      return rows;
    };
    await world.reconcile();
    expect(shown).toEqual([true, true, true, false]);
    expect(recorded()).toContain("SelfActivationEnded");
  });

  it("is ended, and said to be, when the directory did it and its reply was lost", async () => {
    activated();
    world.directory.faults.push({ effect: true, answer: NO_ANSWER });
    await world.reconcile();
    expect(recorded()).toEqual(["FindingReported", "RemovalAttempted", "SelfActivationEnded"]);
  });

  it("leaves the attempt in the trail when the process dies between the removal and its record", async () => {
    const row = activated();
    world.directory.faults.push({ effect: true, answer: "throws" });
    await world.reconcile();
    expect(stands(row)).toBe(false);
    expect(recorded()).toEqual(["FindingReported", "RemovalAttempted"]);
  });

  it("is told later where the process died, or the mail was down, when it was ended", async () => {
    const { notifier } = world.worker;
    Object.assign(world.worker, { notifier: { mail: () => Promise.reject(new Error("no mail")) } });
    const row = activated();
    await expect(world.reconcile()).rejects.toThrow("no mail");
    expect(stands(row)).toBe(false);
    Object.assign(world.worker, { notifier });
    await world.reconcile();
    await world.reconcile();
    expect(lines()).toEqual([expect.stringMatching(/ada holds Global Administrator [^]* It is over by now\./)]);
    expect(open()).toEqual([]);
  });

  it("is shown since it was found, however long no mail goes out", async () => {
    world.policy = { ...world.policy, selfActivated: "report" };
    const { notifier } = world.worker;
    Object.assign(world.worker, { notifier: { mail: () => Promise.reject(new Error("no mail")) } });
    activated();
    const since = world.now;
    for (let run = 0; run < 3; run += 1) {
      await expect(world.reconcile()).rejects.toThrow("no mail");
      world.now = plus(world.now, 5 * MINUTE_MS);
    }
    Object.assign(world.worker, { notifier });
    await world.reconcile();
    expect(open().map((one) => [one.since, one.untold])).toEqual([[since, undefined]]);
    expect(lines()).toHaveLength(1);
  });

  it("is shown until it is gone also where a tenant is only watched and nobody may be mailed", async () => {
    world.policy = { ...world.policy, mode: "observe" };
    const mail = () => Promise.reject(new DependencyError("Misconfigured", "no right to mail"));
    Object.assign(world.worker, { notifier: { mail } });
    const row = activated();
    await world.reconcile();
    expect(open()).toHaveLength(1);
    world.directory.standing.splice(world.directory.standing.indexOf(row), 1);
    await world.reconcile();
    expect(open()).toEqual([]);
    expect(recorded()).toEqual(["FindingReported", "FindingGone"]);
  });

  it("is ended also while what is open cannot be written or read, and told", async () => {
    const fail = () => Promise.reject(new DependencyError("Unavailable", "table storage"));
    Object.assign(world.tables.findings, { open: fail, put: fail });
    const row = activated();
    await expect(world.reconcile()).rejects.toThrow("[Unavailable]");
    expect(stands(row)).toBe(false);
    expect(lines()).toEqual([expect.stringContaining("It was ended")]);
  });

  it("is shown with all that is open from the first run until it is gone, which is recorded", async () => {
    world.policy = { ...world.policy, selfActivated: "report" };
    const row = activated();
    const since = world.now;
    await world.reconcile();
    world.now = plus(world.now, 5 * MINUTE_MS);
    await world.reconcile();
    expect(open()).toMatchObject([
      { since, text: expect.stringContaining("ada holds Global Administrator") as unknown },
    ]);
    expect(open()[0]?.untold).toBeUndefined();
    world.now = plus(row.endsAt ?? world.now, MINUTE_MS);
    world.directory.standing.splice(world.directory.standing.indexOf(row), 1);
    await world.reconcile();
    expect(open()).toEqual([]);
    expect(recorded()).toEqual(["FindingReported", "FindingGone"]);
    expect(lines()).toHaveLength(1);
  });

  it("costs no look at what is open where there is nothing, but one every hour", async () => {
    let looks = 0;
    const { findings } = world.tables;
    const read = findings.open.bind(findings);
    Object.assign(findings, { open: () => ((looks += 1), read()) });
    for (let run = 0; run < 12; run += 1) {
      await world.reconcile();
      world.now = plus(world.now, 5 * MINUTE_MS);
    }
    expect(looks).toBe(1);
    await world.reconcile();
    expect(looks).toBe(2);
    activated();
    await world.reconcile();
    expect(open()).toEqual([]);
    expect(lines()).toHaveLength(1);
    expect(looks).toBe(4); // before the row is ended, and after
  });

  it("is shown until the daily look names it as standing, and not twice", async () => {
    activated({ assignmentType: "Assigned", endsAt: undefined });
    await world.reconcile();
    expect(open()).toHaveLength(1);
    await checkDaily(world.changeWorker)();
    await world.reconcile();
    expect([...world.tables.openFindings.values()].filter(({ kind }) => kind === "standing")).toHaveLength(1);
    expect(open()).toEqual([]);
    expect(recorded()).not.toContain("FindingGone");
    expect(lines()).toHaveLength(1);
  });

  it("is nothing to tell where it stands permanently by the policy, until that exception is over", async () => {
    const { governance } = world.policy;
    const row = activated({ assignmentType: "Assigned", endsAt: undefined });
    const until = plus(world.now, HOUR_MS);
    const exceptions = [{ ...row, owner: ADA.key, until, because: "a display" }];
    if (governance) world.policy = { ...world.policy, governance: { ...governance, exceptions } };
    await world.reconcile();
    expect([open(), lines(), recorded()]).toEqual([[], [], []]);
    world.now = until;
    await world.reconcile();
    expect([open().length, lines().length]).toEqual([1, 1]);
  });

  it("holds up no other when it cannot be ended", async () => {
    activated();
    const other = world.directory.stand(aUser(adminOf(CORA)), ROLE, {
      assignmentType: "Activated",
      startsAt: plus(world.now, -HOUR_MS),
      endsAt: plus(world.now, HOUR_MS),
    });
    world.directory.faults.push({ effect: false, answer: "throws" });
    await world.reconcile();
    expect(stands(other)).toBe(false);
  });

  it("is ended with no right to grant, and a lost eligibility is said", async () => {
    world.directory.eligible.push({ ...triple(), memberType: "Direct", endsAt: undefined });
    world.directory.dropsEligibility = true;
    activated();
    Object.assign(world.directory, { assign: () => Promise.reject(new Error("the sweeper may not grant")) });
    await world.reconcile();
    expect(lines()[0]).toContain("the eligibility behind it is gone too");
    expect(world.findings().at(-1)?.data).toMatchObject({ eligible: false });
  });
});

describe("what is held without an activation, beside what cannot be looked at", () => {
  const foreign = (): ActiveAssignment =>
    world.directory.stand(aUser(adminOf(CORA), { name: CORA.name }), ROLE, { scheduleId: "foreign" });
  /** The holder's row of Cora's account answers so. */
  function holderOfCora(answer: () => Promise<never>): void {
    const holders = { ...world.tables.holders };
    Object.assign(world.tables.holders, {
      holder: (assignment: ActiveAssignment) =>
        assignment.principalId === adminOf(CORA) ? answer() : holders.holder(assignment),
    });
  }

  it("is found and ended although the row before it cannot be looked at; the run counts as failed", async () => {
    foreign();
    const row = activated();
    holderOfCora(() => Promise.reject(new DependencyError("Unavailable", "table storage")));
    await expect(world.reconcile()).rejects.toThrow("[Unavailable]");
    expect(stands(row)).toBe(false);
    expect(lines()).toEqual([expect.stringContaining("It was ended")]);
  });

  it("is shown on while it cannot be looked at", async () => {
    world.directory.stand(aUser(adminOf(CORA)), ROLE, { scheduleId: "foreign", endsAt: plus(world.now, HOUR_MS) });
    await world.reconcile();
    holderOfCora(() => Promise.reject(new DependencyError("Unavailable", "table storage")));
    await expect(world.reconcile()).rejects.toThrow("[Unavailable]");
    expect(open()).toHaveLength(1);
  });

  it("is a finding where a spoilt row would vouch for it", async () => {
    foreign();
    holderOfCora(() => Promise.reject(new Error("holder row names no activation")));
    await world.reconcile();
    expect(world.findings().map(({ data }) => data["scheduleId"])).toEqual(["foreign"]);
  });

  it("is a finding where the activation that would vouch for it is over", async () => {
    world.directory.eligible.push({ ...triple(), memberType: "Direct", endsAt: undefined });
    const { claim } = await world.claim();
    await world.run();
    await world.stepUp();
    await world.run();
    await world.decide(CORA, APPROVE);
    const state = await world.run();
    await world.reconcile();
    expect(recorded()).toEqual([]);
    const record = world.tables.records.get(claim.activationId);
    if (!record?.row || state.status !== "Active") throw new Error("not active");
    const { assignmentScheduleId, startsAt, endsAt } = state;
    const closing = { reason: "EndTimeReached", detail: null, by: null } as const;
    const over = { status: "Ended", since: world.now, closing, assignmentScheduleId, startsAt, endsAt } as const;
    world.tables.records.set(claim.activationId, { ...record, row: { ...record.row, state: over } });
    await world.reconcile();
    expect(recorded()).toEqual(["FindingReported"]);
  });

  it("is ended also while the trail cannot be written", async () => {
    const row = activated();
    Object.assign(world.tables.audit, { append: () => Promise.reject(new Error("no trail")) });
    await world.reconcile();
    expect(stands(row)).toBe(false);
    expect(lines()).toEqual([expect.stringContaining("It was ended")]);
  });
});

const triple = () => ({
  principalId: adminOf(ADA),
  roleDefinitionId: ROLE,
  directoryScopeId: "/" as ActiveAssignment["directoryScopeId"],
});
