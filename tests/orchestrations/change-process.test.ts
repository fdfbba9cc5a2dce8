import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { CHANGE_EFFECTS } from "../../functions/changes/effects.ts";
import { recordProblem } from "../../shared/crypto/audit-chain.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { ChangeId, ChangeState } from "../../shared/domain/change.ts";
import type { PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import { GLOBAL_ADMINISTRATOR } from "../../shared/domain/privileged-roles.ts";
import type { Licences } from "../../shared/domain/standing-plan.ts";
import { DAY_MS, HOUR_MS, plus } from "../../shared/domain/time.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { anItem, aUser, BACK_1, BREAK_GLASS, ChangeWorld, WAVE_1 } from "../support/change-world.ts";
import { Crash } from "../support/crash.ts";
import { NO_ANSWER, refusedWith } from "../support/memory-directory.ts";
import { ADA, adminOf, APPROVERS, aRole, CORA, DEV, EVA, OWNERS, ROLE } from "../support/memory-world.ts";

const LOWER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451" as RoleDefinitionId;
const CONFIRM = { kind: "confirm" } as const;
const APPROVE = { kind: "approve" } as const;

let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
  world.stands(ADA);
});

/** From the asking to the end: Eva asks, Cora agrees. */
async function convert(
  into: ChangeWorld = world,
  items = [anItem(ADA)],
): Promise<{ id: ChangeId; state: ChangeState }> {
  const id = await into.askFor(EVA, WAVE_1, items);
  await into.runChange(id);
  await into.signsFor(id, EVA, CONFIRM);
  await into.runChange(id);
  await into.signsFor(id, CORA, APPROVE);
  return { id, state: await into.runOn(id) };
}

async function loaded(id: ChangeId): Promise<ChangeRecord> {
  const record = await world.tables.changes.load(id);
  if (!record) throw new Error("no such change");
  return record;
}

const standing = (of: ChangeWorld = world): readonly string[] =>
  of.directory.standsNow().map(({ principalId }) => principalId);
const eligible = (of: ChangeWorld = world): readonly string[] =>
  of.directory.eligible.map(({ principalId }) => principalId);
const closing = (state: ChangeState): unknown =>
  "closing" in state ? `${state.status} ${state.closing.reason ?? ""}`.trim() : state.status;

describe("the conversion of a wave", () => {
  it("makes eligible, reads it back, takes the standing access away and reads that back", async () => {
    const { id, state } = await convert();
    expect(state).toMatchObject({ status: "Done", done: 1, total: 1 });
    expect(standing()).toEqual(BREAK_GLASS);
    expect(world.directory.eligible).toMatchObject([
      { principalId: adminOf(ADA), endsAt: plus(world.now, 365 * DAY_MS) },
    ]);
    expect(world.recordTypes(id)).toEqual([
      ...["ChangeOpened", "ChangeDecided", "ChangeDecided"],
      ...["ChangeItemAttempted", "ChangeItemAttempted", "ChangeItemDone", "ChangeClosed"],
    ]);
    expect(world.directory.journal.map((line) => line.split(" ")[0])).toEqual(["eligible", "-active"]);
  });

  it("sends nothing twice where the directory shows a write only at the second look", async () => {
    const { looks } = world.directory;
    let [shown, stale] = [await looks([anItem(ADA)]), 0];
    world.directory.looks = async (wanted) => {
      const now = await looks(wanted);
      const isNews = JSON.stringify(now) !== JSON.stringify(shown);
      if (isNews && (stale += 1) % 2 === 1) return shown;
      return (shown = now);
    };
    const { state } = await convert();
    expect(state).toMatchObject({ status: "Done" });
    expect(stale).toBe(4); // two writes, each seen at the second look
    expect(world.directory.journal.map((line) => line.split(" ")[0])).toEqual(["eligible", "-active"]);
    expect([...world.tables.chains.values()].flat().filter(({ type }) => type === "ChangeItemAttempted")).toHaveLength(
      2,
    );
  });

  it("does nothing before who asked and a second person signed in for it", async () => {
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    expect((await world.runChange(id)).status).toBe("AwaitingConfirmation");
    await world.signsFor(id, CORA, APPROVE);
    expect((await world.runChange(id)).status).toBe("AwaitingConfirmation");
    await world.signsFor(id, EVA, CONFIRM);
    expect((await world.runOn(id)).status).toBe("Done"); // Cora's approval came before and counts
  });

  it("stops at a denial, whoever else agreed", async () => {
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(id);
    await world.signsFor(id, CORA, APPROVE);
    await world.signsFor(id, DEV, { kind: "deny", reason: "not today" });
    await world.signsFor(id, EVA, CONFIRM);
    expect(closing(await world.runOn(id))).toBe("Denied RejectedByApprover");
    expect(world.directory.journal).toEqual([]);
  });

  describe("that who asked takes back", () => {
    const takesBack = (id: ChangeId, person = EVA): Promise<boolean> =>
      world.tables.store.ask({
        activationId: id,
        key: "withdraw",
        createdAt: world.now,
        dueAt: world.now,
        body: { kind: "stop", how: "withdraw", person: person.key, account: person.dailyAccount },
      });

    it("is over, and what was signed for it counts no more", async () => {
      const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
      await world.runChange(id);
      await world.signsFor(id, EVA, CONFIRM);
      expect((await world.runChange(id)).status).toBe("AwaitingApproval");
      await world.signsFor(id, CORA, APPROVE);
      await takesBack(id);
      expect(await world.runOn(id)).toMatchObject({
        status: "Stopped",
        closing: { reason: "CancelledByRequester", by: EVA.key },
      });
      expect(world.directory.journal).toEqual([]);
      expect(world.recordTypes(id).slice(-2)).toEqual(["ChangeClosed", "ProofRefused"]);
      expect(await world.tables.store.waiting(id)).toEqual([]);
      expect(world.tables.changes.locks.size).toBe(0);
    });

    it("goes on where somebody else wrote that row", async () => {
      const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
      await world.runChange(id);
      await takesBack(id, CORA);
      expect((await world.runChange(id)).status).toBe("AwaitingConfirmation");
      expect(await world.tables.store.waiting(id)).toMatchObject([{ key: "change" }]);
    });

    it("goes on once its work has begun", async () => {
      const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
      await world.runChange(id);
      await world.signsFor(id, EVA, CONFIRM);
      await world.runChange(id);
      await world.signsFor(id, CORA, APPROVE);
      const facts = CHANGE_EFFECTS.recordChange(world.changeWorker, await loaded(id));
      expect((await facts).status).toBe("Working");
      await takesBack(id);
      expect((await world.runOn(id)).status).toBe("Done");
    });
  });

  it("lets nobody be the second person of their own change", async () => {
    const id = await world.askFor(CORA, WAVE_1, [anItem(ADA)]);
    await world.runChange(id);
    await world.signsFor(id, CORA, CONFIRM, { slot: 0 });
    await world.signsFor(id, CORA, APPROVE, { slot: 1 });
    expect((await world.runChange(id)).status).toBe("AwaitingApproval");
    expect(world.frozen(id).approvers.map(({ person }) => person)).toEqual([DEV.key]);
  });

  it.each([
    ["another account's", { account: adminOf(ADA) }],
    ["a weak", { authenticationContexts: [] }],
    ["an old", { authenticatedAt: plus("2026-11-24T09:00:00.000Z", -HOUR_MS) }],
    ["a sign-in for something else,", { digest: "0".repeat(64) }],
    ["a replayed", { nonce: "x" }],
  ])("counts %s sign-in for nothing, and records it", async (_what, changes) => {
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(id);
    await world.signsFor(id, EVA, CONFIRM, { slot: 0, ...changes });
    expect((await world.runChange(id)).status).toBe("AwaitingConfirmation");
    expect(world.recordTypes(id)).toContain("ProofRefused");
  });

  it("expires when nobody confirms, and when nobody decides", async () => {
    const first = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(first);
    world.now = plus(world.now, HOUR_MS);
    expect(closing(await world.runChange(first))).toBe("Expired ConfirmationTimedOut");
    const second = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(second);
    await world.signsFor(second, EVA, CONFIRM);
    await world.runChange(second);
    world.now = plus(world.now, 2 * DAY_MS);
    await world.runChange(second);
    expect(world.mails.filter(({ subject }) => subject.startsWith("Reminder"))).toHaveLength(2);
    world.now = plus(world.now, DAY_MS);
    expect(closing(await world.runChange(second))).toBe("Expired ApprovalTimedOut");
    expect(standing()).toContain(adminOf(ADA));
  });

  it("refuses what does not stand, and what stands beside the plan, naming it", async () => {
    const gone = await world.askFor(EVA, WAVE_1, [anItem(ADA), anItem(DEV)]);
    expect(await world.runChange(gone)).toMatchObject({
      closing: { reason: "PlanOutdated", detail: "Global Administrator of dev does not stand any more" },
    });
    world.stands(DEV);
    const more = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    expect(await world.runChange(more)).toMatchObject({
      closing: { reason: "PlanOutdated", detail: "Global Administrator of dev stands and is not in the plan" },
    });
  });

  it("refuses to make people eligible for longer or shorter than was planned, naming it", async () => {
    world.directory.rules.set(ROLE, { longestMs: 180 * DAY_MS, needsMfa: false });
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    expect(await world.runChange(id)).toMatchObject({
      closing: {
        reason: "PlanOutdated",
        detail: "Global Administrator of ada would be eligible for 180 days, not for 365 days",
      },
    });
  });

  it("never converts a break-glass account, whoever put it into the rows", async () => {
    const [first = "" as PrincipalId] = BREAK_GLASS;
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA), { ...anItem(ADA), principalId: first }]);
    expect(await world.runChange(id)).toMatchObject({ status: "Refused", closing: { reason: "PlanOutdated" } });
  });

  it("refuses to begin where fewer than two would keep standing Global Administrator", async () => {
    world.directory.principals.set(
      BREAK_GLASS[1] ?? ("" as PrincipalId),
      aUser(BREAK_GLASS[1] ?? ("" as PrincipalId), { enabled: false }),
    );
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    expect(closing(await world.runChange(id))).toBe("Refused PreflightFailed");
  });

  it("refuses to begin where no subscription has the licence for it", async () => {
    world.directory.licensed = { kind: "read", plans: ["AAD_PREMIUM"] };
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    expect(closing(await world.runChange(id))).toBe("Refused PreflightFailed");
  });

  it.each([
    ["to make anybody eligible", ["RoleAssignmentSchedule.ReadWrite.Directory"], "RoleEligibilitySchedule.ReadWrite"],
    ["to take anything away", ["RoleEligibilitySchedule.ReadWrite.Directory"], "RoleAssignmentSchedule.ReadWrite"],
  ])("refuses to begin where the permission is missing %s, naming it", async (_what, names, missing) => {
    world.permissions = { kind: "read", names };
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    expect(await world.runChange(id)).toMatchObject({
      status: "Refused",
      closing: { reason: "PreflightFailed", detail: expect.stringContaining(`lacks in Graph: ${missing}`) as unknown },
    });
    world.permissions = { kind: "read", names: ["RoleManagement.ReadWrite.Directory"] };
    expect((await convert()).state.status).toBe("Done");
  });

  it.each<[string, Licences]>([
    ["Entra ID Governance", { kind: "read", plans: ["Entra_Identity_Governance"] }],
    ["licences that may not be read", { kind: "notAllowed" }],
  ])("works with %s", async (_what, licences) => {
    world.directory.licensed = licences;
    expect(closing((await convert()).state)).toBe("Done");
  });

  it("stops before the removal where a break-glass account fell away meanwhile", async () => {
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(id);
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    world.directory.principals.set(
      BREAK_GLASS[1] ?? ("" as PrincipalId),
      aUser(BREAK_GLASS[1] ?? ("" as PrincipalId), { enabled: false }),
    );
    await world.signsFor(id, CORA, APPROVE);
    expect(closing(await world.runOn(id))).toBe("Stopped DirectorySurprise");
    expect(standing()).toContain(adminOf(ADA));
  });

  it("stops at the first surprise and leaves the rest alone", async () => {
    world.stands(DEV);
    const message = 'The following policy rules failed: ["MfaRule"]';
    const refused = { ...refusedWith("RoleAssignmentRequestPolicyValidationFailed"), message };
    world.directory.faults.push({ effect: false, answer: refused });
    const { state } = await convert(world, [anItem(ADA), anItem(DEV)]);
    const detail =
      "Global Administrator of ada: the directory refused makeEligible: RoleAssignmentRequestPolicyValidationFailed, MfaRule";
    expect(state).toMatchObject({
      status: "Stopped",
      done: 0,
      total: 2,
      closing: { reason: "DirectorySurprise", detail },
    });
    expect(standing()).toEqual(expect.arrayContaining([adminOf(ADA), adminOf(DEV)]));
    const again = await convert(world, [anItem(ADA), anItem(DEV)]);
    expect(again.state).toMatchObject({ status: "Done", done: 2 });
  });

  it("works one change of standing access at a time", async () => {
    const first = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(first);
    const second = await world.askFor(DEV, WAVE_1, [anItem(ADA)]);
    expect(closing(await world.runChange(second))).toBe("Refused ChangeUnderWay");
    world.now = plus(world.now, HOUR_MS);
    await world.runChange(first);
    const third = await world.askFor(DEV, WAVE_1, [anItem(ADA)]);
    expect((await world.runChange(third)).status).toBe("AwaitingConfirmation");
  });

  it("is refused where a wave before it was not worked, whoever wrote the rows, and goes once it was", async () => {
    const lowerRole = aRole({ roleDefinitionId: LOWER, name: "Global Reader" });
    world.policy = { ...world.policy, roles: [...world.policy.roles, lowerRole] };
    world.directory.stand(aUser(adminOf(DEV), { name: DEV.name }), LOWER);
    const lower = anItem(DEV, { roleDefinitionId: LOWER, role: "Global Reader" });
    const wave = { ...WAVE_1, wave: 3 } as typeof WAVE_1;
    const early = await world.askFor(EVA, wave, [lower]);
    expect(closing(await world.runChange(early))).toBe("Refused WaveOutOfOrder");
    expect(world.directory.journal).toEqual([]);
    expect((await convert()).state.status).toBe("Done");
    const id = await world.askFor(EVA, wave, [lower]);
    await world.runChange(id);
    await world.signsFor(id, EVA, CONFIRM);
    expect(await world.runOn(id)).toMatchObject({ status: "Done", done: 1 });
    expect(standing()).toEqual(BREAK_GLASS);
  });

  it("is opened once where two are asked for in the same moment, also beside the lock of one that is over", async () => {
    const two = async (): Promise<ChangeId | undefined> => {
      const both = [await world.askFor(EVA, WAVE_1, [anItem(ADA)]), await world.askFor(DEV, WAVE_1, [anItem(ADA)])];
      const open = async (id: ChangeId) =>
        closing(await CHANGE_EFFECTS.openChange(world.changeWorker, await loaded(id)));
      const ends = await Promise.all(both.map(open));
      expect(ends.toSorted()).toEqual(["AwaitingConfirmation", "Refused ChangeUnderWay"]);
      return both[ends.indexOf("AwaitingConfirmation")];
    };
    const first = await two();
    if (!first) throw new Error("none was opened");
    world.now = plus(world.now, HOUR_MS);
    expect(closing(await world.runChange(first))).toBe("Expired ConfirmationTimedOut");
    await world.tables.changes.lock("standing", first); // it died before it gave the lock back
    await two();
  });

  it("is worked once where two workers work it in the same moment", async () => {
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(id);
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    await world.signsFor(id, CORA, APPROVE);
    await CHANGE_EFFECTS.recordChange(world.changeWorker, await loaded(id));
    const record = await loaded(id);
    await Promise.allSettled([1, 2].map(() => CHANGE_EFFECTS.workChange(world.changeWorker, record)));
    expect((await world.runOn(id)).status).toBe("Done");
    expect(world.directory.journal.map((line) => line.split(" ")[0])).toEqual(["eligible", "-active"]);
    const types = world.recordTypes(id);
    expect(types.filter((type) => type === "ChangeItemDone" || type === "ChangeClosed")).toHaveLength(2);
  });

  it("waits while grants are frozen", async () => {
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(id);
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    await world.worker.controls.startFreeze({
      id: "f",
      at: world.now,
      by: "breaker",
      account: undefined,
      because: "a drill",
    });
    await world.signsFor(id, CORA, APPROVE);
    expect((await world.runChange(id)).status).toBe("Working");
    expect(world.directory.journal).toEqual([]);
    world.tables.freezeRow = undefined;
    expect((await world.runOn(id)).status).toBe("Done");
  });

  it("waits for the five minutes in which the directory changes no active row", async () => {
    world.directory.standing.splice(0);
    for (const id of BREAK_GLASS) world.directory.stand(aUser(id), ROLE);
    world.directory.stand(aUser(adminOf(ADA)), ROLE, { startsAt: world.now });
    const { state } = await convert();
    expect(state.status).toBe("Done");
    expect(standing()).toEqual(BREAK_GLASS);
  });

  it("is not done by what is held until an end while something stands beside it", async () => {
    world.directory.standing.splice(-1);
    const { principalId } = anItem(ADA);
    const changes = { assignmentType: "Activated", endsAt: plus(world.now, HOUR_MS) };
    world.directory.stand(aUser(principalId), ROLE, changes);
    world.stands(ADA);
    expect((await convert()).state.status).toBe("Done");
    expect(standing()).toEqual(BREAK_GLASS);
  });

  it("gives an eligibility back that went with the standing access", async () => {
    world.directory.dropsEligibility = true;
    const { state } = await convert();
    expect(state.status).toBe("Done");
    expect(eligible()).toEqual([adminOf(ADA)]);
  });

  it("looks again after a lost answer instead of believing anything", async () => {
    world.directory.faults.push({ effect: true, answer: NO_ANSWER }, { effect: true, answer: NO_ANSWER });
    const { state } = await convert();
    expect(state.status).toBe("Done");
    expect(world.directory.journal.map((line) => line.split(" ")[0])).toEqual(["eligible", "-active"]);
  });

  it.each(["a changed policy", "an approver who left the group"])(
    "stops for %s between the decision and the work",
    async (what) => {
      const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
      await world.runChange(id);
      await world.signsFor(id, EVA, CONFIRM);
      await world.runChange(id);
      await world.signsFor(id, CORA, APPROVE);
      const record = await world.tables.changes.load(id);
      if (!record) throw new Error("no change");
      if (what === "a changed policy") world.policy = { ...world.policy, hash: "policy-2" };
      else {
        const group = world.directory.groups.get(APPROVERS);
        if (group) world.directory.groups.set(APPROVERS, { ...group, members: [DEV.dailyAccount] });
      }
      expect((await world.runOn(id)).status).toBe("Stopped");
      expect(world.directory.journal).toEqual([]);
    },
  );
});

describe("an insider who can write every row", () => {
  const item = anItem(ADA, { action: "grant", principalId: adminOf(DEV), person: DEV.key, holder: "dev" });

  it("makes nobody eligible: seals are missing, and a copied one does not fit", async () => {
    const honest = await convert();
    const stolen = world.tables.changes.stored.get(honest.id);
    const id = await world.askFor(DEV, { kind: "eligibility", action: "add" }, [item]);
    await world.runChange(id);
    const forged = world.tables.changes.stored.get(id);
    if (!stolen || !forged) throw new Error("no change");
    for (const [key, verdict] of stolen.verdicts) forged.verdicts.set(key, verdict);
    // Two verdicts as the worker would write them, but for the seal.
    const digest = sha256Hex(world.tables.changes.frozenRows.get(id)?.body ?? "");
    const own = { changeId: id, changeDigest: digest, nonce: "n", authenticatedAt: world.now, verifiedAt: world.now };
    const by = (slot: number, who: typeof DEV, decision: object): string =>
      JSON.stringify({
        ...own,
        slot,
        person: who.key,
        account: who.dailyAccount,
        decision,
        authenticationContexts: ["c1"],
      });
    forged.verdicts.set("0", { body: by(0, DEV, CONFIRM), mac: "1.x" });
    forged.verdicts.set("1", { body: by(world.frozen(id).approvers[0]?.slot ?? 1, CORA, APPROVE), mac: "1.x" });
    forged.row = {
      state: { status: "Working", since: world.now, step: 0, done: 0, total: 1, notBefore: world.now },
      etag: "1",
    };
    expect(closing(await world.runOn(id))).toBe("Stopped RecordTampered");
    const other = world.tables.changes.frozenRows.get(honest.id);
    if (other) world.tables.changes.frozenRows.set(id, other);
    forged.row = {
      state: { status: "Working", since: world.now, step: 0, done: 0, total: 1, notBefore: world.now },
      etag: "1",
    };
    expect(closing(await world.runOn(id))).toBe("Stopped RecordTampered");
    expect(eligible()).not.toContain(adminOf(DEV));
  });

  it("changes no item of a change that was agreed to", async () => {
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(id);
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    await world.signsFor(id, CORA, APPROVE);
    const stored = world.tables.changes.stored.get(id);
    const progress = stored?.progress.get(1);
    if (!stored || !progress) throw new Error("no item");
    stored.progress.set(1, { ...progress, body: progress.body.replaceAll(adminOf(ADA), adminOf(DEV)) });
    expect(closing(await world.runOn(id))).toBe("Stopped RecordTampered");
    expect(world.directory.journal).toEqual([]);
  });
});

describe("the way back", () => {
  const back = async (): Promise<{ id: ChangeId; state: ChangeState }> => {
    const id = await world.askFor(EVA, BACK_1, []);
    const opened = await world.runChange(id);
    if (opened.status === "Refused") return { id, state: opened };
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    await world.signsFor(id, CORA, APPROVE);
    return { id, state: await world.runOn(id) };
  };

  /** From now on the directory removes nothing, until the answer is called. */
  function removesNothing(): () => void {
    const remove = world.directory.remove.bind(world.directory);
    world.directory.remove = async () => refusedWith("RoleAssignmentRequestPolicyValidationFailed");
    return () => {
      world.directory.remove = remove;
    };
  }

  it("restores exactly what the wave changed", async () => {
    await convert();
    expect((await back()).state).toMatchObject({ status: "Done", done: 1 });
    expect(standing()).toContain(adminOf(ADA));
    expect(eligible()).toEqual([]);
  });

  it("leaves an eligibility that was there before", async () => {
    await world.directory.makeEligible(anItem(ADA), { durationMs: undefined, justification: "", correlationId: "" });
    await convert();
    await back();
    expect(standing()).toContain(adminOf(ADA));
    expect(eligible()).toEqual([adminOf(ADA)]);
  });

  it("has nothing to do where nothing was converted, whatever the rows say", async () => {
    const { state } = await back();
    expect(closing(state)).toBe("Refused NothingToDo");
    const { id } = await convert();
    const stored = world.tables.changes.stored.get(id);
    const row = stored?.progress.get(1);
    if (!stored || !row) throw new Error("no item");
    stored.progress.set(1, { body: row.body.replaceAll(adminOf(ADA), adminOf(DEV)), mac: row.mac });
    expect(closing((await back()).state)).toBe("Refused NothingToDo");
  });

  it("has nothing to do a second time, and takes nothing of what others did since", async () => {
    await convert();
    await back();
    await world.directory.makeEligible(anItem(ADA), { durationMs: undefined, justification: "", correlationId: "" });
    expect(closing((await back()).state)).toBe("Refused NothingToDo");
    await world.directory.remove(anItem(ADA));
    expect(closing((await back()).state)).toBe("Refused NothingToDo");
    expect(eligible()).toEqual([adminOf(ADA)]);
  });

  it("ends the eligibility that was made where the wave stopped before it took anything", async () => {
    const removesAgain = removesNothing();
    expect((await convert()).state).toMatchObject({ status: "Stopped", done: 0 });
    expect(eligible()).toEqual([adminOf(ADA)]);
    removesAgain();
    expect((await back()).state).toMatchObject({ status: "Done", done: 1 });
    expect(eligible()).toEqual([]);
    expect(standing()).toContain(adminOf(ADA));
  });

  it("ends it too where the wave was worked again after it had stopped", async () => {
    const removesAgain = removesNothing();
    await convert();
    removesAgain();
    expect((await convert()).state.status).toBe("Done");
    expect((await back()).state).toMatchObject({ status: "Done", done: 1 });
    expect(eligible()).toEqual([]);
  });

  it("gives back what was taken where the wave was stopped before it was read back", async () => {
    const remove = world.directory.remove.bind(world.directory);
    world.directory.remove = async (assignment) => {
      const answer = await remove(assignment);
      world.policy = { ...world.policy, hash: "policy-2" };
      world.directory.readsFail = true;
      return answer;
    };
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(id);
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    await world.signsFor(id, CORA, APPROVE);
    await expect(world.runOn(id)).resolves.toMatchObject({ status: "Stopped", closing: { reason: "PolicyChanged" } });
    world.directory.readsFail = false;
    expect(standing()).toEqual(BREAK_GLASS);
    world.policy = { ...world.policy, hash: "policy-1" };
    expect((await back()).state).toMatchObject({ status: "Done", done: 1 });
    expect(standing()).toContain(adminOf(ADA));
    expect(eligible()).toEqual([]);
  });

  it("takes no eligibility out of sight of the assignment that it was made beside", async () => {
    const asked = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(asked);
    await world.signsFor(asked, EVA, CONFIRM);
    await world.runChange(asked);
    world.directory.principals.set(
      BREAK_GLASS[1] ?? adminOf(ADA),
      aUser(BREAK_GLASS[1] ?? adminOf(ADA), { enabled: false }),
    );
    await world.signsFor(asked, CORA, APPROVE);
    await world.runOn(asked); // stops before the removal is sent
    const id = await world.askFor(EVA, BACK_1, []);
    await world.runChange(id);
    expect(world.frozen(id).words).toContain("1 stand still: only the eligibility ends that the wave made.");
    await world.directory.remove(anItem(ADA));
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    await world.signsFor(id, CORA, APPROVE);
    expect((await world.runOn(id)).status).toBe("Done");
    expect(standing()).toEqual(BREAK_GLASS);
    expect(eligible()).toEqual([adminOf(ADA)]);
  });

  it.each<[string, () => void, string]>([
    [
      "the account is disabled",
      () => world.directory.principals.set(adminOf(ADA), aUser(adminOf(ADA), { enabled: false })),
      "the account is disabled or gone",
    ],
    [
      "somebody took the eligibility away",
      () => void world.directory.eligible.splice(0),
      "the eligibility that the wave made was taken away since",
    ],
  ])("gives nothing back where %s since, says so, and goes on with the others", async (_what, change, words) => {
    world.stands(DEV);
    await convert(world, [anItem(ADA), anItem(DEV)]);
    const dev = world.directory.eligible.filter(({ principalId }) => principalId === adminOf(DEV));
    change();
    if (world.directory.eligible.length === 0) world.directory.eligible.push(...dev);
    const { id, state } = await back();
    expect(state).toMatchObject({ status: "Done", done: 1, total: 1 });
    expect(world.frozen(id).words).toContain(`Left as it is: Global Administrator of ada at /: ${words}.`);
    expect(standing()).toEqual([...BREAK_GLASS, adminOf(DEV)]);
  });

  it.each([
    { id: "Expiration_Admin_Assignment", isExpirationRequired: true, maximumDuration: "P180D" },
    { id: "Enablement_Admin_Assignment", enabledRules: ["MultiFactorAuthentication"] },
  ])("is refused before anybody signs where the role's settings allow no standing access ($id)", async (rule) => {
    await convert();
    world.directory.settings.set(ROLE, { policyId: "p", rules: [rule] });
    expect((await back()).state).toMatchObject({
      closing: { reason: "PreflightFailed", detail: expect.stringContaining(rule.id) as unknown },
    });
  });

  it("stops at somebody who holds the role until an end only when all others have theirs back", async () => {
    world.stands(DEV);
    await convert(world, [anItem(ADA), anItem(DEV)]);
    const { principalId } = anItem(ADA);
    const end = plus(world.now, HOUR_MS);
    const held = world.directory.stand(aUser(principalId), ROLE, { assignmentType: "Activated", endsAt: end });
    expect((await back()).state).toMatchObject({
      ...{ status: "Stopped", done: 1, total: 2 },
      closing: { detail: `Global Administrator of ada: the role is held until ${end}: ask again when it has ended` },
    });
    expect(standing()).toContain(adminOf(DEV));
    Object.assign(held, { removedAt: end });
    world.now = end;
    expect((await back()).state).toMatchObject({ status: "Done", done: 1, total: 1 });
    expect(standing()).toContain(adminOf(ADA));
  });

  it("never lets somebody who gets a role back agree to it", async () => {
    world.stands(CORA);
    await convert(world, [anItem(ADA), anItem(CORA)]).catch(() => undefined);
    const id = await world.askFor(EVA, BACK_1, []);
    await world.runChange(id);
    expect(world.frozen(id).approvers.map(({ person }) => person)).toEqual([DEV.key]);
  });
});

describe("eligibility", () => {
  const asked = (action: "add" | "renew" | "remove", changes = {}, by = EVA): Promise<ChangeId> =>
    world.askFor(by, { kind: "eligibility", action }, [
      anItem(DEV, { action: "grant", eligibleForMs: 90 * DAY_MS, ...changes }),
    ]);

  async function agreed(id: ChangeId): Promise<ChangeState> {
    await world.runChange(id);
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    if (world.frozen(id).approvers.length > 0) await world.signsFor(id, CORA, APPROVE);
    return world.runOn(id);
  }

  it("is made, renewed and ended, each read back", async () => {
    expect((await agreed(await asked("add"))).status).toBe("Done");
    expect(world.directory.eligible).toMatchObject([
      { principalId: adminOf(DEV), endsAt: plus(world.now, 90 * DAY_MS) },
    ]);
    world.now = plus(world.now, 60 * DAY_MS);
    expect((await agreed(await asked("renew"))).status).toBe("Done");
    expect(world.directory.eligible).toMatchObject([{ endsAt: plus(world.now, 90 * DAY_MS) }]);
    expect((await agreed(await asked("remove"))).status).toBe("Done");
    expect(eligible()).toEqual([]);
  });

  it.each([
    ["longer than a year", "add", { eligibleForMs: 366 * DAY_MS }, "EligibilityTooLong"],
    ["without a length", "add", { eligibleForMs: 0 }, "EligibilityTooLong"],
    ["for an account of nobody", "add", { principalId: "00000000-0000-4000-8000-000000000777" }, "PersonUnknown"],
    [
      "for a role that is not listed",
      "add",
      { roleDefinitionId: "00000000-0000-4000-8000-000000000777" },
      "RoleNotAllowed",
    ],
    ["for a break-glass account", "add", { principalId: BREAK_GLASS[0] }, "PersonUnknown"],
    ["renewed where there is none", "renew", {}, "NotEligible"],
    ["removed where there is none", "remove", {}, "NotEligible"],
  ] as const)("is refused %s", async (_what, action, changes, reason) => {
    expect(closing(await world.runChange(await asked(action, changes)))).toBe(`Refused ${reason}`);
  });

  it("that has no end gets one when it is renewed, and the page says so", async () => {
    await world.directory.makeEligible(anItem(DEV), { durationMs: undefined, justification: "", correlationId: "" });
    const id = await asked("renew");
    expect((await agreed(id)).status).toBe("Done");
    expect(world.frozen(id).words).toContain("It has no end until now, and gets this one.");
    expect(world.directory.eligible).toMatchObject([{ endsAt: plus(world.now, 90 * DAY_MS) }]);
  });

  it("is not renewed for less than it lasts, and says until when that is", async () => {
    await world.directory.makeEligible(anItem(DEV), { durationMs: 200 * DAY_MS, justification: "", correlationId: "" });
    expect(await world.runChange(await asked("renew"))).toMatchObject({
      status: "Refused",
      closing: {
        reason: "NothingToDo",
        detail: `it lasts until ${plus(world.now, 200 * DAY_MS).slice(0, 10)} already`,
      },
    });
  });

  it("is not given twice, nor by somebody who owns nothing", async () => {
    await agreed(await asked("add"));
    expect(closing(await world.runChange(await asked("add")))).toBe("Refused AlreadyEligible");
    const group = world.directory.groups.get(OWNERS);
    if (group) world.directory.groups.set(OWNERS, { ...group, members: [] });
    expect(closing(await world.runChange(await asked("renew")))).toBe("Refused NotOwner");
  });

  it("is taken away also while grants are frozen, and given only afterwards", async () => {
    await agreed(await asked("add"));
    world.tables.freezeRow = { id: "f", at: world.now, by: "breaker", account: undefined, because: "a drill" };
    const renewal = await asked("renew", { eligibleForMs: 120 * DAY_MS });
    await world.runChange(renewal);
    await world.signsFor(renewal, EVA, CONFIRM);
    await world.runChange(renewal);
    await world.signsFor(renewal, CORA, APPROVE);
    expect((await world.runChange(renewal)).status).toBe("Working");
    expect((await agreed(await asked("remove"))).status).toBe("Done");
    expect(eligible()).toEqual([]);
  });

  it("never has who gains as the second person", async () => {
    const id = await asked("add");
    await world.runChange(id);
    expect(world.frozen(id).approvers.map(({ person }) => person)).toEqual([CORA.key]);
  });
});

describe("the settings of roles", () => {
  const STAGE = [
    "setting / approvalMode nothing becomes SingleStage",
    "setting / approvalStages / 0 / approvalStageTimeOutInDays nothing becomes 1",
    "setting / approvalStages / 0 / escalationTimeInMinutes nothing becomes 0",
    "setting / approvalStages / 0 / isApproverJustificationRequired nothing becomes true",
    "setting / approvalStages / 0 / isEscalationEnabled nothing becomes false",
  ].join("; ");
  const RULES = [
    { id: "Approval_EndUser_Assignment", setting: { isApprovalRequired: false, approvalStages: [] } },
    { id: "Enablement_EndUser_Assignment", enabledRules: [] },
  ];
  const asked = (action: "apply" | "undo" | "nativeOpen" | "nativeClose", undoes: ChangeId | null = null) =>
    world.askFor(EVA, { kind: "settings", action, undoes }, []);

  beforeEach(() => {
    world.directory.settings.set(ROLE, { policyId: "p", rules: RULES });
    const { governance } = world.policy;
    if (governance) world.policy = { ...world.policy, governance: { ...governance, nativeDoorGroup: OWNERS } };
  });

  async function agreed(id: ChangeId): Promise<ChangeState> {
    await world.runChange(id);
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    await world.signsFor(id, CORA, APPROVE);
    return world.runOn(id);
  }
  const rules = () => world.directory.settings.get(ROLE)?.rules;

  it("are set to the baseline and back to what was found", async () => {
    const id = await asked("apply");
    expect(await agreed(id)).toMatchObject({ status: "Done", total: 2 });
    expect(rules()).toMatchObject([
      { setting: { isApprovalRequired: true } },
      { enabledRules: ["Justification", "Ticketing"] },
    ]);
    expect((await agreed(await asked("undo", id))).status).toBe("Done");
    expect(rules()).toEqual(RULES);
  });

  it("are not set over what somebody else changed meanwhile", async () => {
    const id = await asked("apply");
    await world.runChange(id);
    world.directory.settings.set(ROLE, {
      policyId: "p",
      rules: [RULES[0] ?? { id: "" }, { id: "Enablement_EndUser_Assignment", enabledRules: ["Justification"] }],
    });
    await world.signsFor(id, EVA, CONFIRM);
    await world.runChange(id);
    await world.signsFor(id, CORA, APPROVE);
    expect(closing(await world.runOn(id))).toBe("Stopped DirectorySurprise");
    expect(rules()?.[1]).toMatchObject({ enabledRules: ["Justification"] });
  });

  it("are looked at again after a lost answer, and set once", async () => {
    world.directory.faults.push({ effect: true, answer: NO_ANSWER });
    expect((await agreed(await asked("nativeClose"))).status).toBe("Done");
    expect(world.directory.journal).toEqual(["rule Approval_EndUser_Assignment"]);
    expect(closing(await world.runChange(await asked("nativeClose")))).toBe("Refused NothingToDo");
    expect((await agreed(await asked("nativeOpen"))).status).toBe("Done");
  });

  it("are shown rule by rule with what becomes of them, before somebody agrees", async () => {
    const id = await asked("apply");
    await world.runChange(id);
    expect(world.frozen(id).words).toEqual([
      "The settings of roles in PIM are set to what the policy asks for: 2 rules.",
      `Global Administrator, Approval_EndUser_Assignment: no approval becomes approval by the group ${OWNERS}; ${STAGE}`,
      "Global Administrator, Enablement_EndUser_Assignment: nothing is needed becomes Justification, Ticketing",
    ]);
  });

  it("are undone where nobody changed them since, and the rest is left and named", async () => {
    const id = await asked("apply");
    await agreed(id);
    const [approval = { id: "" }] = rules() ?? [];
    const theirs = { id: "Enablement_EndUser_Assignment", enabledRules: ["Ticketing"] };
    world.directory.settings.set(ROLE, { policyId: "p", rules: [approval, theirs] });
    const back = await asked("undo", id);
    expect(await agreed(back)).toMatchObject({ status: "Done", total: 1 });
    expect(world.frozen(back).words.at(-1)).toBe(
      "Left as it is: Global Administrator, Enablement_EndUser_Assignment: somebody else changed it since",
    );
    expect(rules()).toEqual([RULES[0], theirs]);
    const again = await world.runChange(await asked("undo", id));
    expect(again).toMatchObject({
      status: "Refused",
      closing: {
        reason: "NothingToDo",
        detail: "Left as it is: Global Administrator, Enablement_EndUser_Assignment: somebody else changed it since",
      },
    });
  });

  it("are undone but for what PIM would refuse: MFA beside a context that was on before", async () => {
    const context = { id: "AuthenticationContext_EndUser_Assignment", isEnabled: true, claimValue: "c1" };
    const mfa = { id: "Enablement_EndUser_Assignment", enabledRules: ["MultiFactorAuthentication"] };
    world.directory.settings.set(ROLE, { policyId: "p", rules: [RULES[0] ?? mfa, mfa, context] });
    const id = await asked("apply");
    expect(await agreed(id)).toMatchObject({ status: "Done", total: 2 });
    const back = await asked("undo", id);
    expect(await agreed(back)).toMatchObject({ status: "Done", total: 1 });
    expect(world.frozen(back).words.at(-1)).toMatch(
      /^Left as it is: .* PIM refuses MFA beside the authentication context/,
    );
    expect(rules()).toMatchObject([RULES[0], { enabledRules: ["Justification", "Ticketing"] }, context]);
  });

  it("are undone once", async () => {
    const id = await asked("apply");
    await agreed(id);
    await agreed(await asked("undo", id));
    expect(closing(await world.runChange(await asked("undo", id)))).toBe("Refused NothingToDo");
  });

  it("are undone only from what the worker itself recorded", async () => {
    expect(closing(await world.runChange(await asked("undo", null)))).toBe("Refused NothingToDo");
    const other = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    expect(closing(await world.runChange(await asked("undo", other)))).toBe("Refused NothingToDo");
  });
});

describe("a conversion whose worker is killed", () => {
  /** Dies once at one call; what people do is not the worker's. */
  async function story(crash: Crash): Promise<{ world: ChangeWorld; id: ChangeId; state: ChangeState }> {
    const here = new ChangeWorld();
    here.stands(ADA);
    const { changeWorker } = here;
    const { store, audit, directory, notifier, changes, posture, eligibility } = changeWorker;
    Object.assign(changeWorker, {
      store: crash.guard(store),
      audit: crash.guard(audit),
      directory: crash.guard(directory),
      posture: crash.guard(posture),
      eligibility: crash.guard(eligibility),
      notifier: crash.guard(notifier),
      changes: crash.guard(changes),
    });
    return { world: here, ...(await convert(here)) };
  }

  function flaws({ world: here, id, state }: Awaited<ReturnType<typeof story>>): readonly string[] {
    const found: string[] = [];
    if (state.status !== "Done") found.push(`ended as ${state.status}`);
    if (standing(here).join() !== BREAK_GLASS.join()) found.push("somebody else stands");
    if (eligible(here).join() !== adminOf(ADA)) found.push(`eligible: ${eligible(here).join()}`);
    const kinds = here.directory.journal.map((line) => line.split(" ")[0]).join();
    if (kinds !== "eligible,-active") found.push(`wrote ${kinds}`);
    const chain = here.records(id);
    chain.forEach((record, index) => {
      const problem = recordProblem(record, chain[index - 1]);
      if (problem !== undefined) found.push(`record ${record.sequence}: ${problem}`);
    });
    for (const [type, count] of [
      ["ChangeOpened", 1],
      ["ChangeDecided", 2],
      ["ChangeItemDone", 1],
      ["ChangeClosed", 1],
    ] as const)
      if (chain.filter((record) => record.type === type).length !== count) found.push(`${type} not ${count} times`);
    if (here.tables.changes.locks.size > 0) found.push("the lock was not given back");
    return found;
  }

  it("ends the same at whichever call it dies, before the effect or after it", async () => {
    const whole = new Crash(0, "before");
    expect(flaws(await story(whole))).toEqual([]);
    expect(whole.calls).toBeGreaterThan(40);
    for (const when of ["before", "after"] as const)
      for (let at = 1; at <= whole.calls; at += 1)
        expect({ at, when, flaws: flaws(await story(new Crash(at, when))) }).toEqual({ at, when, flaws: [] });
  });
});

describe("whatever stands and whatever goes wrong", () => {
  const person = fc.constantFrom(ADA, CORA, DEV, EVA);
  const fault = fc.constantFrom(
    { effect: true, answer: NO_ANSWER },
    { effect: false, answer: refusedWith("TooManyRequests", 429) },
    { effect: true, answer: "throws" as const },
    { effect: false, answer: "throws" as const },
    { effect: false, answer: refusedWith("InvalidScope") },
  );

  it("nothing is taken away before the eligibility is there, and two keep standing Global Administrator", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(person, { minLength: 1 }),
        fc.subarray([ADA, CORA, DEV, EVA]),
        fc.array(fault, { maxLength: 4 }),
        fc.boolean(),
        fc.option(fc.integer({ min: 0, max: 30 })),
        async (holders, before, faults, drops, falls) => {
          const here = new ChangeWorld();
          for (const one of holders) here.stands(one);
          for (const one of before)
            await here.directory.makeEligible(anItem(one), {
              durationMs: undefined,
              justification: "",
              correlationId: "",
            });
          here.directory.journal.length = 0;
          here.directory.dropsEligibility = drops;
          const removed = watchRemovals(here);
          const id = await here.askFor(
            EVA,
            WAVE_1,
            holders.map((one) => anItem(one)),
          );
          await here.runChange(id);
          await here.signsFor(id, EVA, CONFIRM);
          await here.runChange(id);
          here.directory.faults.push(...faults);
          if (falls !== null) fallsAfter(here, falls);
          await here.signsFor(id, CORA, APPROVE);
          await here.runOn(id);
          expect(removed).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  /** What was wrong at the moment of a removal. */
  function watchRemovals({ directory }: ChangeWorld): string[] {
    const wrong: string[] = [];
    const original = directory.remove.bind(directory);
    directory.remove = (assignment) => {
      if (!directory.eligible.some(({ principalId }) => principalId === assignment.principalId))
        wrong.push("not eligible");
      const others = directory
        .standsNow()
        .filter(
          ({ roleDefinitionId, principalId }) =>
            roleDefinitionId === GLOBAL_ADMINISTRATOR && principalId !== assignment.principalId,
        )
        .filter(({ principalId }) => directory.principals.get(principalId)?.enabled === true);
      if (others.length < 2) wrong.push("fewer than two");
      return original(assignment);
    };
    return wrong;
  }

  /** A break-glass account is disabled after so many reads of users. */
  function fallsAfter({ directory }: ChangeWorld, reads: number): void {
    const original = directory.users;
    let left = reads;
    directory.users = async (ids) => {
      const [last] = BREAK_GLASS;
      if (left-- === 0 && last) directory.principals.set(last, aUser(last, { enabled: false }));
      return original(ids);
    };
  }
});
