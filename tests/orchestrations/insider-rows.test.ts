import { beforeEach, describe, expect, it } from "vitest";
import { openCampaign } from "../../functions/review/open-campaign.ts";
import { answersDigest } from "../../functions/review/resolve-item.ts";
import type { ChangeId, ChangeItem, ChangeState } from "../../shared/domain/change.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import { DAY_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { anItem, aUser, ChangeWorld } from "../support/change-world.ts";
import { START } from "../support/memory-directory.ts";
import { ADA, adminOf, APPROVE, CORA, DEV, EVA, OWNERS, ROLE } from "../support/memory-world.ts";

/** Who can write every row and read every row, but has neither the worker's key nor anybody's sign-in (I13). */
let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
});

const stored = (id: ChangeId) => {
  const found = world.tables.changes.stored.get(id);
  if (!found) throw new Error("no such change");
  return found;
};
const setState = (id: ChangeId, state: ChangeState): void =>
  void (stored(id).row = { state, etag: `forged ${world.now} ${state.status}` });
const working = (total: number): ChangeState => ({
  status: "Working",
  since: world.now,
  step: 0,
  done: 0,
  total,
  notBefore: world.now,
});

describe("an insider and an access review", () => {
  async function aReview(): Promise<ChangeId> {
    const { governance } = world.policy;
    const reviews = {
      from: plus(START, -DAY_MS),
      everyMs: 90 * DAY_MS,
      withinMs: 14 * DAY_MS,
      remindAfterMs: 7 * DAY_MS,
      reviewers: [{ kind: "group" as const, group: OWNERS }],
      escalation: undefined,
      noAnswer: "remove" as const,
    };
    if (governance) world.policy = { ...world.policy, governance: { ...governance, reviews } };
    for (const one of [ADA, CORA]) {
      world.directory.principals.set(adminOf(one), aUser(adminOf(one), { name: one.name }));
      await world.directory.makeEligible(anItem(one), { durationMs: undefined, justification: "", correlationId: "" });
    }
    world.directory.journal.length = 0;
    const campaign = await openCampaign(world.changeWorker);
    const [review] = await world.tables.changes.about(`campaign-${campaign ?? ""}`);
    if (!review) throw new Error("no review");
    await world.runChange(review);
    return review;
  }

  /** Has the worker open the review over rows of the insider's; answers what it sealed of them. */
  async function reopenedOver(review: ChangeId, items: readonly ChangeItem[]): Promise<ReadonlyMap<number, SealedRow>> {
    const found = stored(review);
    const [before, row] = [found.items, found.row];
    found.items = items;
    found.row = undefined;
    found.progress.clear();
    await world.runChange(review);
    const sealed = new Map(found.progress);
    found.items = before;
    found.row = row;
    return sealed;
  }

  it.each(["restore", "grant", "convert"] as const)(
    "grants nobody anything through an item that is to %s",
    async (action) => {
      const review = await aReview();
      if (action === "convert") world.stands(DEV);
      const honest = world.tables.changes.frozenRows.get(review);
      const own = anItem(DEV, { action });
      const sealed = await reopenedOver(review, [own, own]);
      if (honest) world.tables.changes.frozenRows.set(review, honest);
      for (const [n, row] of sealed) stored(review).progress.set(n, row);
      setState(review, working(2));
      await world.runOn(review);
      expect(world.directory.journal.filter((line) => line.includes(adminOf(DEV)))).toEqual([]);
    },
  );

  it("takes nothing from anybody who is not of the population", async () => {
    world.directory.principals.set(adminOf(DEV), aUser(adminOf(DEV)));
    const review = await aReview();
    await world.directory.makeEligible(anItem(DEV), { durationMs: undefined, justification: "", correlationId: "" });
    const sealed = await reopenedOver(review, [anItem(DEV, { action: "review" })]);
    expect([...sealed.values()].filter(({ body }) => body.includes(adminOf(DEV)))).toEqual([]);
  });

  it.each(["no JSON", "null", "[]", '{"kind":"review"}', '{"kind":"review","answersDigest":7}'])(
    "holds it up with nothing that a reviewer signs: %s",
    async (content) => {
      const review = await aReview();
      await world.signsFor(review, EVA, { kind: "confirm" }, { content });
      expect((await world.runChange(review, 5)).status).toBe("AwaitingReview");
      expect(world.recordTypes(review)).toContain("ProofRefused");
    },
  );

  it("holds it up with no answers that no row holds", async () => {
    const review = await aReview();
    const { changes } = world.changeWorker;
    const tooLong = { keepAnswers: () => Promise.reject(new RangeError("a row holds less")) };
    Object.assign(world.changeWorker, { changes: Object.assign(Object.create(changes) as object, tooLong) });
    await world.signsFor(review, EVA, { kind: "review", answersDigest: answersDigest({}) });
    expect((await world.runChange(review, 5)).status).toBe("AwaitingReview");
    expect(world.recordTypes(review)).toContain("ProofRefused");
  });

  it("does not have the policy in force accepted by it", async () => {
    const review = await aReview();
    world.policyAccepted = false;
    const found = stored(review);
    world.tables.changes.stored.set(review, {
      ...found,
      change: { ...found.change, body: { kind: "policy", hash: world.policy.hash } },
    });
    setState(review, working(2));
    await world.runOn(review);
    expect(world.policyAccepted).toBe(false);
  });
});

describe("an insider and a change of eligibility", () => {
  const BEFORE = { id: "Approval_EndUser_Assignment", setting: { isApprovalRequired: true } };
  const rule = { policyId: "p", before: BEFORE, wanted: { ...BEFORE, setting: { isApprovalRequired: false } } };

  it.each(["add", "remove"] as const)("changes no settings of roles beside what was agreed to: %s", async (action) => {
    world.directory.settings.set(ROLE, { policyId: "p", rules: [BEFORE] });
    const wanted = anItem(DEV, { action: "grant", eligibleForMs: 90 * DAY_MS });
    if (action === "remove")
      await world.directory.makeEligible(wanted, { durationMs: undefined, justification: "", correlationId: "" });
    const id = await world.askFor(EVA, { kind: "eligibility", action }, [{ ...wanted, rule }]);
    await world.runChange(id);
    await world.signsFor(id, EVA, { kind: "confirm" });
    await world.runChange(id);
    if (action === "add") await world.signsFor(id, CORA, { kind: "approve" });
    await world.runOn(id);
    expect(world.directory.settings.get(ROLE)?.rules).toEqual([BEFORE]);
    expect(world.directory.eligible.map(({ principalId }) => principalId)).toEqual(
      action === "add" ? [adminOf(DEV)] : [],
    );
  });

  it.each([
    ["account", { principalId: "x' or principalId ne '" as never }],
    ["role", { roleDefinitionId: "x' or roleDefinitionId ne '" as never }],
    ["scope", { directoryScopeId: "/' or directoryScopeId ne '" as never }],
    ["length", { eligibleForMs: "86400000" as never }],
  ])("asks the directory nothing with a row that names no %s", async (_what, changes) => {
    const asked: unknown[] = [];
    const { looks } = world.directory;
    world.directory.looks = (assignments) => {
      asked.push(...assignments);
      return looks(assignments);
    };
    const id = await world.askFor(EVA, { kind: "eligibility", action: "remove" }, [anItem(DEV, changes)]);
    expect(await world.runChange(id)).toMatchObject({ status: "Refused", closing: { reason: "RecordTampered" } });
    expect(asked).toEqual([]);
  });

  it.each(["alone", "with a new sign-in of who asked"])(
    "has nothing done a second time with an old approval, %s",
    async (how) => {
      const wanted = anItem(DEV, { action: "grant", eligibleForMs: 90 * DAY_MS });
      const id = await world.askFor(EVA, { kind: "eligibility", action: "add" }, [wanted]);
      await world.runChange(id);
      const unworked = new Map(stored(id).progress);
      await world.signsFor(id, EVA, { kind: "confirm" });
      await world.runChange(id);
      await world.signsFor(id, CORA, { kind: "approve" });
      expect((await world.runOn(id)).status).toBe("Done");
      await world.directory.endEligibility(wanted);
      world.now = plus(world.now, 2 * DAY_MS);
      for (const [n, row] of unworked) stored(id).progress.set(n, row);
      if (how === "alone") setState(id, working(1));
      else {
        setState(id, { status: "AwaitingConfirmation", since: world.now, until: plus(world.now, DAY_MS) });
        await world.signsFor(id, EVA, { kind: "confirm" });
      }
      expect(await world.runOn(id)).toMatchObject({ status: "Stopped", closing: { reason: "ApprovalTimedOut" } });
      expect(world.directory.eligible).toEqual([]);
    },
  );
});

describe("an insider and the end of a role", () => {
  it("has it not said to be over by naming another schedule in the state", async () => {
    world = new ChangeWorld();
    world.directory.eligible.push({
      principalId: adminOf(ADA),
      roleDefinitionId: ROLE,
      directoryScopeId: anItem(ADA).directoryScopeId,
      memberType: "Direct",
      endsAt: undefined,
    });
    await world.claim();
    await world.run();
    await world.stepUp();
    await world.run();
    await world.decide(CORA, APPROVE);
    const state = await world.run();
    const record = await world.record();
    if (!record.row || state.status !== "Active") throw new Error("not active");
    const forged = { ...state, assignmentScheduleId: "another" };
    world.tables.records.set(record.id, { ...record, row: { ...record.row, state: forged } });
    world.now = plus(world.now, 10 * MINUTE_MS);
    await world.ask("stop-end", { kind: "stop", how: "end", person: ADA.key, account: ADA.dailyAccount });
    expect((await world.run()).status).toBe("Ended");
    expect(world.directory.live()).toEqual([]);
  });
});
