import { beforeEach, describe, expect, it } from "vitest";
import { createContextGuard } from "../../functions/policy/context-gaps.ts";
import { checkDaily } from "../../functions/triggers/check-drift.timer.ts";
import type { ContextPolicy } from "../../shared/domain/context-policy.ts";
import { MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { aUser, ChangeWorld } from "../support/change-world.ts";
import { STEP_UP_POLICY } from "../support/memory-tenant.ts";
import { ADA, adminOf, APPROVE, CORA, ROLE } from "../support/memory-world.ts";

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
    expect(found()).toEqual(["context not checked"]);
    await opened([GOOD]);
    await look();
    expect(found()).toEqual([]);
  });
});
