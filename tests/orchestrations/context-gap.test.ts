import { beforeEach, describe, expect, it } from "vitest";
import { createContextGuard } from "../../functions/policy/context-gaps.ts";
import { checkDaily } from "../../functions/triggers/check-drift.timer.ts";
import type { ContextPolicy } from "../../shared/domain/context-policy.ts";
import type { ChangeBody, ChangeId, ChangeState } from "../../shared/domain/change.ts";
import type { ReasonCode } from "../../shared/domain/reasons.ts";
import { DAY_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { anItem, aUser, BACK_1, ChangeWorld, WAVE_1 } from "../support/change-world.ts";
import { STEP_UP_POLICY } from "../support/memory-tenant.ts";
import { ADA, adminOf, APPROVE, CORA, DEV, EVA, ROLE } from "../support/memory-world.ts";

const GOOD = STEP_UP_POLICY;

let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
  world.directory.principals.set(adminOf(ADA), aUser(adminOf(ADA)));
  world.directory.eligible.push({
    principalId: adminOf(ADA),
    roleDefinitionId: ROLE,
    directoryScopeId: "/" as never,
    memberType: "Direct",
    endsAt: undefined,
  });
  const { governance } = world.policy;
  if (governance) world.policy = { ...world.policy, governance: { ...governance, stopGrantsOnContextGap: true } };
  world.contextGuard = createContextGuard({ ...world.changeWorker, policies: world.worker.policies });
});

const opened = async (policies: readonly ContextPolicy[]): Promise<void> => {
  world.directory.access = { kind: "read", policies };
};

async function asked(): Promise<void> {
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
}

describe("a gap in Conditional Access behind the step-up", () => {
  it("stops requests before anybody is disturbed, where the policy says so", async () => {
    await opened([]);
    await world.claim();
    expect(await world.run()).toMatchObject({ status: "Refused", closing: { reason: "ContextGap" } });
    expect(world.mails.filter(({ to }) => to === CORA.mail)).toEqual([]);
  });

  it("stops a grant that was approved before it was seen", async () => {
    await asked();
    await opened([{ ...GOOD, everyTime: false }]);
    world.now = plus(world.now, 6 * MINUTE_MS);
    await world.decide(CORA, APPROVE);
    expect(await world.run()).toMatchObject({ closing: { reason: "ContextGap" } });
    expect(world.directory.live()).toEqual([]);
  });

  it("stops nothing where there is none, and is looked at once in five minutes", async () => {
    let reads = 0;
    const read = world.directory.contextPolicies;
    world.directory.contextPolicies = () => {
      reads += 1;
      return read();
    };
    await asked();
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("Active");
    expect(reads).toBe(1);
  });

  it("stops grants also while nobody may look, and lets them wait while nobody answers", async () => {
    world.directory.access = { kind: "notAllowed" };
    expect(await world.contextGuard.gap()).toMatch(/not checked/);
    world.directory.access = { kind: "read", policies: [GOOD] };
    world.directory.readsFail = true;
    world.now = plus(world.now, 6 * MINUTE_MS);
    await expect(world.contextGuard.gap()).rejects.toThrow("[Unavailable]");
    world.directory.readsFail = false;
    expect(await world.contextGuard.gap()).toBeUndefined();
  });

  it("is looked at again where the clock was set back since", async () => {
    expect(await world.contextGuard.gap()).toBeUndefined();
    world.now = plus(world.now, -DAY_MS);
    await opened([]);
    expect(await world.contextGuard.gap()).toMatch(/a step-up proves nothing/);
  });

  it.each<[string, ChangeBody, ReasonCode | null]>([
    ["no eligibility is made", { kind: "eligibility", action: "add" }, "ContextGap"],
    ["no eligibility is renewed", { kind: "eligibility", action: "renew" }, "ContextGap"],
    ["nothing stands again", BACK_1, "ContextGap"],
    ["an eligibility ends", { kind: "eligibility", action: "remove" }, null],
    ["a wave is converted", WAVE_1, null],
  ])("lets changes take and not give: %s", async (_what, body, reason) => {
    const item = anItem(DEV, { action: "grant", eligibleForMs: 90 * DAY_MS });
    world.directory.principals.set(adminOf(DEV), aUser(adminOf(DEV)));
    if (body.kind === "rollback") {
      world.stands(DEV);
      await agreed(await world.askFor(EVA, WAVE_1, [anItem(DEV)]));
    } else if (body.kind !== "eligibility") world.stands(DEV);
    else if (body.action !== "add")
      await world.directory.makeEligible(item, { durationMs: DAY_MS, justification: "", correlationId: "" });
    await opened([]);
    world.now = plus(world.now, 6 * MINUTE_MS);
    const state = await agreed(await world.askFor(EVA, body, [body.kind === "wave" ? anItem(DEV) : item]));
    expect(state).toMatchObject({ status: reason ? "Stopped" : "Done", closing: { reason } });
  });

  async function agreed(id: ChangeId): Promise<ChangeState> {
    await world.runChange(id);
    await world.signsFor(id, EVA, { kind: "confirm" });
    await world.runChange(id);
    if (world.frozen(id).approvers.length > 0) await world.signsFor(id, CORA, { kind: "approve" });
    return world.runOn(id);
  }

  it("is only a finding where the policy does not say so, until it is gone", async () => {
    const { governance } = world.policy;
    if (governance) world.policy = { ...world.policy, governance: { ...governance, stopGrantsOnContextGap: false } };
    await opened([{ ...GOOD, state: "disabled" }]);
    expect(await world.contextGuard.gap()).toBeUndefined();
    const look = checkDaily(world.changeWorker);
    const found = (): readonly string[] =>
      [...world.tables.openFindings.values()].filter(({ kind }) => kind === "conditionalAccess").map(({ id }) => id);
    await look();
    expect(found()).toEqual(["context c1 none"]);
    world.directory.access = { kind: "notAllowed" };
    await look();
    expect(found()).toEqual(["context c1 none", "context not checked"]); // nobody saw it go
    await opened([GOOD]);
    await look();
    expect(found()).toEqual([]);
  });
});
