import { beforeEach, describe, expect, it } from "vitest";
import { readPosture } from "../../../../functions/standing/read-posture.ts";
import type { PrincipalId, RoleDefinitionId } from "../../../../shared/domain/ids.ts";
import { DIRECTORY_SYNCHRONIZATION } from "../../../../shared/domain/privileged-roles.ts";
import { planConversion, type PlanItem, type StandingPlan } from "../../../../shared/domain/standing-plan.ts";
import { DAY_MS, plus } from "../../../../shared/domain/time.ts";
import { anItem, aUser, BREAK_GLASS, ChangeWorld } from "../../../support/change-world.ts";
import { ADA, adminOf, DEV, ROLE } from "../../../support/memory-world.ts";

const SYNC = "e0000000-0000-4000-8000-000000000009" as PrincipalId;
let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
});

async function plan(): Promise<StandingPlan> {
  const { governance } = world.policy;
  if (!governance) throw new Error("no governance");
  const posture = await readPosture({ clock: world.worker.clock, posture: world.directory });
  const { people } = world.worker.policies;
  return planConversion(posture, { policy: { ...world.policy, governance }, people, rules: world.directory.rules });
}

const itemOf = async (principalId: PrincipalId, role: RoleDefinitionId = ROLE): Promise<PlanItem | undefined> =>
  (await plan()).items.find((item) => item.principalId === principalId && item.roleDefinitionId === role);

describe("the plan of a conversion", () => {
  it("leaves every role of an account that synchronises, not only the one that it does it with", async () => {
    world.directory.stand(aUser(SYNC), ROLE);
    expect(await itemOf(SYNC)).toMatchObject({ action: "blocked", reason: "PersonUnknown" });
    world.directory.stand(aUser(SYNC), DIRECTORY_SYNCHRONIZATION);
    expect(await itemOf(SYNC)).toMatchObject({ action: "left", reason: "Synchronisation" });
    expect(await itemOf(SYNC, DIRECTORY_SYNCHRONIZATION)).toMatchObject({ action: "left", reason: "Synchronisation" });
  });

  it("says until when somebody is eligible already, which is all that they have left", async () => {
    world.stands(ADA);
    world.stands(DEV);
    for (const [person, durationMs] of [
      [ADA, 3 * DAY_MS],
      [DEV, undefined],
    ] as const)
      await world.directory.makeEligible(anItem(person), { durationMs, justification: "", correlationId: "" });
    const day = plus(world.now, 3 * DAY_MS).slice(0, 10);
    expect(await itemOf(adminOf(ADA))).toMatchObject({ eligible: true, detail: `eligible already, until ${day}` });
    expect(await itemOf(adminOf(DEV))).toMatchObject({ eligible: true, detail: "eligible already" });
  });

  it("leaves what the policy names as an exception, through the last day that it names and no longer", async () => {
    world.stands(ADA);
    const until = `${plus(world.now, DAY_MS).slice(0, 10)}T00:00:00.000Z`; // the policy names today
    const exception = {
      principalId: adminOf(ADA),
      roleDefinitionId: ROLE,
      owner: DEV.key,
      until,
      because: "a migration",
    };
    const { governance } = world.policy;
    if (!governance) throw new Error("no governance");
    world.policy = { ...world.policy, governance: { ...governance, exceptions: [exception] } };
    const detail = `${DEV.key}, until ${world.now.slice(0, 10)}: a migration`;
    expect(await itemOf(adminOf(ADA))).toMatchObject({ action: "left", reason: "Exception", detail });
    world.now = until;
    expect(await itemOf(adminOf(ADA))).toMatchObject({ action: "convert", reason: "Convert" });
  });

  it("counts a break-glass account only where it holds the role over the whole tenant, and can sign in", async () => {
    expect((await plan()).preflight.map(({ ok }) => ok)).toEqual([true, true]);
    const [first = "" as PrincipalId] = BREAK_GLASS;
    for (const row of world.directory.standing)
      if (row.principalId === first)
        Object.assign(row, { directoryScopeId: "/administrativeUnits/40000000-0000-4000-8000-000000000001" });
    const { preflight } = await plan();
    expect(preflight.map(({ ok }) => ok)).toEqual([false, false]);
    expect(preflight[0]?.text).toContain(first);
  });
});
