import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { NO_ANSWER, START } from "../support/memory-directory.ts";
import {
  ACTIVATION,
  ADA,
  adminOf,
  APPROVE,
  APPROVERS,
  aRole,
  CORA,
  DEV,
  MemoryWorld,
} from "../support/memory-world.ts";

const leaves = (world: MemoryWorld, ...members: readonly (typeof CORA)[]): void => {
  const group = world.directory.groups.get(APPROVERS);
  if (group) world.directory.groups.set(APPROVERS, { ...group, members: members.map((one) => one.dailyAccount) });
};

async function proven(world: MemoryWorld): Promise<MemoryWorld> {
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
  return world;
}

/** Approved by Cora, and waiting for its start. */
async function ready(): Promise<MemoryWorld> {
  const world = await proven(new MemoryWorld(aRole({ start: "onStart" })));
  await world.decide(CORA, APPROVE);
  expect((await world.run()).status).toBe("Ready");
  return world;
}

async function started(world: MemoryWorld) {
  await world.signIn({ account: adminOf(ADA), purpose: "start" });
  return world.run();
}

describe("right before the grant", () => {
  it("what was approved and nothing changed is granted", async () => {
    expect((await started(await ready())).status).toBe("Active");
  });

  it.each([
    null,
    "yes",
    [],
    {},
    { kind: "aprove" },
    { kind: "approve", durationMs: "PT1H" },
    { kind: "approve", durationMs: 3_600_000.5 },
    { kind: "deny" },
    { kind: "deny", reason: 7 },
  ])("what an approver signed that is no decision approves nothing and holds up nothing: %j", async (content) => {
    const world = await proven(new MemoryWorld());
    await world.decide(CORA, content as never);
    expect((await world.run()).status).toBe("AwaitingApproval");
    expect(world.tables.chains.get(ACTIVATION)?.at(-1)).toMatchObject({ data: { problem: "BadContent" } });
  });

  it("a decision of somebody who is no approver any more counts for nothing", async () => {
    const world = await proven(new MemoryWorld());
    leaves(world, DEV);
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("AwaitingApproval");
    expect(world.tables.chains.get(ACTIVATION)?.at(-1)).toMatchObject({
      type: "ProofRefused",
      data: { problem: "WrongPerson" },
    });
  });

  it.each<[string, string, (world: MemoryWorld) => unknown]>([
    ["the approver left the group", "ApproverNotEntitled", (world) => leaves(world, DEV)],
    ["nobody is left who may approve", "NoApprover", (world) => leaves(world)],
    ["the role is off the list", "PolicyChanged", (world) => (world.policy = { ...world.policy, roles: [] })],
    [
      "the account became a break-glass account",
      "BreakGlassAccount",
      (world) => (world.policy = { ...world.policy, breakGlassAccounts: [adminOf(ADA)] }),
    ],
    ["the eligibility is gone", "NotEligible", (world) => world.directory.eligible.splice(0)],
    [
      "the account is disabled",
      "PrincipalNotAllowed",
      (world) => world.directory.accounts.set(adminOf(ADA), { id: adminOf(ADA), enabled: false, userType: "Member" }),
    ],
  ])("nothing is granted when %s: %s", async (_, reason, change) => {
    const world = await ready();
    change(world);
    expect(await started(world)).toMatchObject({ status: "Failed", closing: { reason } });
    expect(world.directory.writes).toEqual([]);
    expect(world.tables.chains.get(ACTIVATION)?.at(-1)?.type).toBe("ActivationClosed");
    expect(world.mails.at(-1)?.subject).toContain("not");
  });

  it.each(["ended", "waits for its start"])(
    "an old sign-in grants nothing to an activation that %s, whoever sets its rows back",
    async (what) => {
      const world = await ready();
      if (what === "ended") {
        await started(world);
        world.now = plus(world.now, HOUR_MS);
        await world.runUntil(plus(world.now, HOUR_MS));
      } else world.now = plus(world.now, HOUR_MS);
      const record = world.tables.records.get(ACTIVATION);
      if (!record?.row) throw new Error("no activation");
      const state = {
        status: "Granting",
        since: world.now,
        durationMs: HOUR_MS,
        attempt: 1,
        notBefore: world.now,
        giveUpAt: plus(world.now, 10 * MINUTE_MS),
        stop: null,
      } as const;
      const written = world.directory.writes.length;
      world.tables.records.set(ACTIVATION, { ...record, intents: [], row: { ...record.row, state } });
      expect(await world.run()).toMatchObject({ status: "Failed", closing: { reason: "StepUpTimedOut" } });
      expect(world.directory.writes).toHaveLength(written);
    },
  );

  it("what the directory stretches is removed and reported", async () => {
    const world = await proven(new MemoryWorld());
    world.directory.stretchMs = HOUR_MS;
    await world.decide(CORA, APPROVE);
    expect(await world.run()).toMatchObject({ status: "Ending", closing: { reason: "GrantOutOfBounds" } });
    expect(await world.runUntil(plus(START, 10 * MINUTE_MS))).toMatchObject({ status: "Ended" });
    expect(world.directory.live()).toEqual([]);
    expect(world.mails.map(({ to }) => to)).toContain(world.policy.alertMail);
  });
});

describe("a grant whose answer was lost, in a directory that shows it only later", () => {
  /** Granted and not to be seen, when the person takes it back, or everything is frozen. */
  it.each(["taken back", "frozen"])("is taken away again where it was %s meanwhile", async (what) => {
    const world = await proven(new MemoryWorld());
    const { directory } = world;
    const shown = {
      active: directory.activeAssignments.bind(directory),
      asked: directory.assignmentRequests.bind(directory),
    };
    Object.assign(directory, { activeAssignments: async () => [], assignmentRequests: async () => [] });
    directory.faults.push({ effect: true, answer: NO_ANSWER });
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("Granting");
    if (what === "frozen")
      world.tables.freezeRow = { id: "f", at: world.now, by: "breaker", account: undefined, because: "a drill" };
    else await world.ask("stop", { kind: "stop", how: "end", person: ADA.key, account: adminOf(ADA) });
    const state = await world.runUntil(plus(world.now, MINUTE_MS));
    expect(state.status).toBe(what === "frozen" ? "Failed" : "Cancelled");
    Object.assign(directory, { activeAssignments: shown.active, assignmentRequests: shown.asked });
    expect(directory.live()).toHaveLength(1);
    for (let minutes = 0; minutes < 12; minutes += 1) {
      world.now = plus(world.now, MINUTE_MS);
      await world.sweep();
    }
    expect(directory.live()).toEqual([]);
    expect(world.findings().map(({ data }) => data["finding"])).toContain("leftOver");
    expect((await world.record()).pending).toEqual([]);
  });
});
