import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { createPolicyAcceptance } from "../../functions/policy/acceptance.ts";
import { createSealing } from "../../shared/adapters/keys/sealing.ts";
import type { PolicyAcceptance } from "../../shared/ports/policy-acceptance.ts";
import type { ChangeId, ChangeState } from "../../shared/domain/change.ts";
import { policyDifferences } from "../../shared/domain/policy-change.ts";
import { HOUR_MS, instant, msOf } from "../../shared/domain/time.ts";
import type { PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import { peopleMap } from "../../shared/domain/people.ts";
import { aUser, ChangeWorld, WAVE_1, anItem } from "../support/change-world.ts";
import { ADA, adminOf, APPROVERS, aRole, CORA, DEV, EVA, OWNERS } from "../support/memory-world.ts";

let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
  restart();
});

type MacKey = Parameters<typeof createSealing>[0]["keys"][number];

/** The service starts anew: nothing is remembered but what is stored. */
function restart(override?: string): PolicyAcceptance {
  const { clock, policies, sealing, audit, notifier, log } = world.changeWorker;
  const { accepted } = world.tables;
  const acceptance = createPolicyAcceptance({ clock, policies, accepted, sealing, audit, notifier, log, override });
  Object.assign(world.changeWorker, { acceptance });
  Object.assign(world.worker, { acceptance });
  return acceptance;
}

function deploy(changes: object): void {
  world.policy = { ...world.policy, ...changes };
  restart();
}

const isAccepted = (): Promise<boolean> => world.changeWorker.acceptance.isAccepted();
const asks = (by = EVA): Promise<ChangeId> => world.askFor(by, { kind: "policy", hash: world.policy.hash }, []);

async function agreed(id: ChangeId, second = CORA): Promise<ChangeState> {
  await world.runChange(id);
  await world.signsFor(id, EVA, { kind: "confirm" });
  await world.runChange(id);
  await world.signsFor(id, second, { kind: "approve" });
  return world.runOn(id);
}

describe("a policy", () => {
  it("accepts itself when it is the first, loudly", async () => {
    expect(await Promise.all([isAccepted(), isAccepted()])).toEqual([true, true]);
    expect(world.mails.filter(({ subject }) => subject.includes("without two persons"))).toHaveLength(1);
    expect(world.tables.chains.get("policy")?.map(({ data }) => data["how"])).toEqual(["bootstrap"]);
    restart();
    expect(await isAccepted()).toBe(true);
    expect(world.mails).toHaveLength(1);
  });

  it("is not the first again where somebody took all accepted rows away, or the keys that sealed them", async () => {
    await isAccepted();
    deploy({ hash: "another" });
    world.tables.acceptedRows.clear();
    restart();
    expect(await isAccepted()).toBe(false);
    expect(world.mails).toHaveLength(1);
    expect(await restart("another").isAccepted()).toBe(true); // by a setting, loudly
    expect(world.mails).toHaveLength(2);
  });

  it("is still the first where the start died between record and row", async () => {
    await isAccepted();
    world.tables.acceptedRows.clear();
    restart();
    expect(await isAccepted()).toBe(true);
    expect(world.tables.chains.get("policy")).toHaveLength(1);
  });

  it("outlives the key that sealed its acceptance, once the next key was there beside it", async () => {
    const old: MacKey = { id: 1, secret: randomBytes(32) };
    const next: MacKey = { id: 2, secret: randomBytes(32) };
    const restartWith = (...keys: readonly MacKey[]): PolicyAcceptance => {
      Object.assign(world.changeWorker, { sealing: createSealing({ keys }) });
      return restart();
    };
    expect(await restartWith(old).isAccepted()).toBe(true);
    const later = instant(msOf(world.now) + HOUR_MS);
    const first = await restartWith(old).last();
    world.now = later;
    expect(await restartWith(next, old).isAccepted()).toBe(true);
    const acceptance = restartWith(next);
    expect(await acceptance.last()).toEqual(first);
    expect(await acceptance.isAccepted()).toBe(true);
    expect(world.mails).toHaveLength(1);
  });

  it("that was changed grants nothing before two persons accepted it, and then does", async () => {
    await isAccepted();
    deploy({ hash: "b".repeat(64), roles: [aRole({ maximumDurationMs: 3 * HOUR_MS })] });
    expect(await isAccepted()).toBe(false);
    await world.claim();
    expect(await world.run()).toMatchObject({ status: "Refused", closing: { reason: "PolicyNotAccepted" } });
    const id = await asks();
    await world.runChange(id);
    expect(world.frozen(id).words.slice(1)).toEqual([
      "roles / Global Administrator / maximum duration: PT4H becomes PT3H",
    ]);
    expect((await agreed(id)).status).toBe("Done");
    expect(world.mails.map(({ subject }) => subject)).toContain("Done: change of the policy");
    expect(await isAccepted()).toBe(true);
    restart();
    expect(await isAccepted()).toBe(true);
  });

  it("that was changed works no wave either", async () => {
    await isAccepted();
    world.stands(ADA);
    deploy({ hash: "b".repeat(64) });
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    expect(await agreed(id)).toMatchObject({ status: "Stopped", closing: { reason: "PolicyNotAccepted" } });
    expect(world.directory.journal).toEqual([]);
  });

  it("says who gains what, with names, before everything else that changes", async () => {
    await isAccepted();
    world.directory.eligible.push({ ...anItem(ADA), memberType: "Direct", startsAt: world.now, endsAt: undefined });
    world.directory.principals.set(adminOf(ADA), aUser(adminOf(ADA)));
    deploy({
      hash: "b".repeat(64),
      identityTeamGroup: OWNERS,
      roles: [aRole({ approval: { mode: "automatic", unlessSelfMade: undefined } })],
    });
    const id = await asks();
    await world.runChange(id);
    const { words } = world.frozen(id);
    expect(words.slice(1, 3)).toEqual([
      "Gains: everybody who is eligible (ada): Global Administrator: get it without a second person",
      expect.stringMatching(/^Gains: members of the group .* \(dev, eva\): is the identity team/) as unknown,
    ]);
    expect(words.filter((line) => line.startsWith("Gains: "))).toHaveLength(2);
    expect(words.length).toBeGreaterThan(3);
  });

  it("is accepted by nobody who gains an account by it, whoever asks", async () => {
    await isAccepted();
    const gained = { ...CORA, adminAccounts: [...CORA.adminAccounts, `${adminOf(CORA)}-new` as PrincipalId] };
    Object.assign(world.changeWorker.policies, { people: peopleMap([ADA, gained, DEV, EVA]) });
    deploy({ hash: "b".repeat(64) });
    const id = await asks();
    await world.runChange(id);
    expect(world.frozen(id)).toMatchObject({ gains: [CORA.key], approvers: [{ person: DEV.key }] });
    expect((await agreed(id, DEV)).status).toBe("Done");
  });

  it("says first that not everything is shown where it changes more than a page holds", async () => {
    await isAccepted();
    const roles = Array.from({ length: 500 }, (_, n) =>
      aRole({ name: `Role ${n}`, roleDefinitionId: `r${n}` as RoleDefinitionId }),
    );
    deploy({ hash: "b".repeat(64), roles: [...world.policy.roles, ...roles] });
    const id = await asks();
    await world.runChange(id);
    const { words } = world.frozen(id);
    expect(words[1]).toBe("Not everything is shown here: read zs policy diff before you agree.");
    expect(words).toHaveLength(402);
  });

  it("does not choose who accepts it: the one before does", async () => {
    await isAccepted();
    const { governance } = world.policy;
    deploy({
      hash: "b".repeat(64),
      governance: governance && { ...governance, approvers: [{ kind: "group", group: OWNERS }] },
    });
    const id = await asks();
    await world.runChange(id);
    expect(
      world
        .frozen(id)
        .approvers.map(({ person }) => person)
        .toSorted(),
    ).toEqual([CORA.key, DEV.key]); // of APPROVERS
    expect(APPROVERS).not.toBe(OWNERS);
  });

  it("is not accepted by rows that somebody wrote, nor by the seal of another", async () => {
    await isAccepted();
    const [[, row] = []] = world.tables.acceptedRows;
    deploy({ hash: "b".repeat(64) });
    world.tables.acceptedRows.set(world.policy.hash, {
      body: row?.body.replaceAll("policy-1", world.policy.hash) ?? "",
      mac: row?.mac ?? "",
    });
    expect(await isAccepted()).toBe(false);
    const other = await world.askFor(EVA, { kind: "policy", hash: "c".repeat(64) }, []);
    expect((await world.runChange(other)).status).toBe("Refused");
  });

  it("is loud where it was accepted before and comes back after another, and is then what the next is compared with", async () => {
    await isAccepted();
    const first = world.policy;
    world.now = instant(msOf(world.now) + HOUR_MS);
    deploy({ hash: "b".repeat(64), caps: { openPerPerson: 1, openPerTicketCreator: 1 } });
    await agreed(await asks());
    world.now = instant(msOf(world.now) + HOUR_MS);
    const loud = () => world.mails.filter(({ subject }) => subject.includes("without two persons")).length;
    const before = loud();
    deploy(first);
    expect(await Promise.all([isAccepted(), isAccepted()])).toEqual([true, true]);
    restart();
    expect(await isAccepted()).toBe(true);
    expect(loud()).toBe(before + 1);
    expect(world.tables.chains.get("policy")?.map(({ data }) => data["how"])).toEqual([
      "bootstrap",
      "persons",
      "returned",
    ]);
    expect(await world.changeWorker.acceptance.last()).toMatchObject({ policy: { caps: first.caps } });
  });

  it.each([
    ["it says nothing about who decides: who decided before does", false, [CORA.key, DEV.key]],
    ["neither it nor the one before does: the identity team decides", true, [CORA.key, DEV.key]],
  ])("can be accepted also where %s", async (_what, alsoBefore, deciding) => {
    if (alsoBefore) world.policy = { ...world.policy, governance: undefined, identityTeamGroup: APPROVERS };
    await isAccepted();
    deploy({ hash: "b".repeat(64), governance: undefined });
    const id = await asks();
    await world.runChange(id);
    expect(world.frozen(id).approvers.map(({ person }) => person)).toEqual(deciding);
    const said = "Gains: everybody: nobody looks for drift, reviews, or changes anything through this system";
    expect(world.frozen(id).words.includes(said)).toBe(!alsoBefore);
    expect((await agreed(id)).status).toBe("Done");
    expect(await isAccepted()).toBe(true);
  });

  it("is accepted by nobody's agreement to another: not to the one before, nor to one deployed meanwhile", async () => {
    await isAccepted();
    deploy({ hash: "b".repeat(64) });
    const id = await asks();
    await world.runChange(id);
    await world.signsFor(id, EVA, { kind: "confirm" });
    await world.runChange(id);
    deploy({ hash: "c".repeat(64) });
    await world.signsFor(id, CORA, { kind: "approve" });
    expect(await world.runOn(id)).toMatchObject({ status: "Stopped", closing: { reason: "PolicyChanged" } });
    expect(await isAccepted()).toBe(false);
    deploy({ hash: "b".repeat(64) });
    expect(await isAccepted()).toBe(false);
  });

  it("is not accepted by one person twice, nor by who asked with an account of an approver's", async () => {
    await isAccepted();
    deploy({ hash: "b".repeat(64) });
    const id = await asks(CORA); // an approver asks
    await world.runChange(id);
    expect(world.frozen(id).approvers.map(({ person }) => person)).toEqual([DEV.key]);
    await world.signsFor(id, CORA, { kind: "confirm" });
    await world.runChange(id);
    await world.signsFor(id, CORA, { kind: "confirm" });
    await world.signsFor(id, CORA, { kind: "approve" }, { slot: world.frozen(id).approvers[0]?.slot ?? 0 });
    await world.signsFor(id, CORA, { kind: "approve" }, { slot: 0 });
    expect((await world.runChange(id)).status).toBe("AwaitingApproval");
    expect(await isAccepted()).toBe(false);
  });

  it("takes effect by a setting in an emergency, loudly", async () => {
    await isAccepted();
    deploy({ hash: "b".repeat(64) });
    restart("b".repeat(64));
    expect(await isAccepted()).toBe(true);
    expect(world.mails.filter(({ subject }) => subject.includes("without two persons"))).toHaveLength(2);
    restart("c".repeat(64));
    expect(await isAccepted()).toBe(true);
  });
});

describe("the differences of two policies", () => {
  const stated = (changes: object) => {
    const policy: { hash?: string } = { ...world.policy, ...changes };
    delete policy.hash;
    return { policy: policy as typeof world.policy, persons: [ADA] };
  };

  it("name what is new, gone and changed by its place, whatever the order", () => {
    const other = aRole({ name: "Helpdesk Administrator" });
    const before = stated({ roles: [aRole(), other] });
    expect(policyDifferences(before, stated({ roles: [other, aRole()] }))).toEqual([]);
    const lines = policyDifferences(
      before,
      stated({ roles: [aRole({ tier0: false })], caps: { openPerPerson: 9, openPerTicketCreator: 10 } }),
    );
    expect(lines).toEqual([
      "caps / open per person: 3 becomes 9",
      "roles / Global Administrator / tier0: true becomes false",
      expect.stringMatching(
        /^roles \/ Helpdesk Administrator: gone, it was .*tier0 true; .*maximum duration PT4H/,
      ) as unknown,
    ]);
  });

  it.each<[string, object, (before: ReturnType<typeof stated>) => ReturnType<typeof stated>]>([
    [
      "a person who is named like another",
      {},
      (before) => ({ ...before, persons: [{ ...DEV, name: ADA.name, adminAccounts: [] }, ...before.persons] }),
    ],
    [
      "a ticket rule before one of the same kind",
      {},
      (before) => {
        const [role = aRole()] = before.policy.roles;
        const [rule] = role.tickets;
        const weak = rule ? [{ ...rule, window: "none" as never, graceMs: 0 }] : [];
        return { ...before, policy: { ...before.policy, roles: [{ ...role, tickets: [...weak, ...role.tickets] }] } };
      },
    ],
  ])("hide nothing behind a name that stands twice: %s", (_what, changes, change) => {
    const before = stated(changes);
    expect(policyDifferences(before, change(before))).not.toEqual([]);
  });

  it("name an account that somebody gains", () => {
    const before = stated({});
    const gained = { ...before, persons: [{ ...ADA, adminAccounts: [...ADA.adminAccounts, DEV.dailyAccount] }] };
    expect(policyDifferences(before, gained)).toEqual([
      `people / ada / admin accounts: now with ${DEV.dailyAccount} (ada)`,
    ]);
  });
});
