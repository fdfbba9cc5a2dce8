import { beforeEach, describe, expect, it } from "vitest";
import { openCampaign } from "../../functions/review/open-campaign.ts";
import { checkDaily } from "../../functions/triggers/check-drift.timer.ts";
import type { ChangeId, ChangeState } from "../../shared/domain/change.ts";
import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, msOf, plus, type Instant } from "../../shared/domain/time.ts";
import { takeWrites } from "../../shared/domain/write-pace.ts";
import { anItem, aUser, BREAK_GLASS, ChangeWorld, WAVE_1 } from "../support/change-world.ts";
import { refusedWith, START } from "../support/memory-directory.ts";
import { ADA, APPROVE, aRole, CORA, DEV, EVA, ROLE } from "../support/memory-world.ts";
import { REVIEWED } from "../support/reviewed-world.ts";

const HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8" as RoleDefinitionId;

let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
});

/** Others write in bulk: so many are left now. */
function leave(writes: number): void {
  world.tables.paceUsedUntil = takeWrites(undefined, 300 - writes, world.now).usedUntil;
}

async function agreedWave(...persons: readonly Person[]): Promise<ChangeId> {
  for (const one of persons) world.stands(one);
  const items = persons.map((one) => anItem(one));
  const id = await world.askFor(EVA, WAVE_1, items);
  await world.runChange(id);
  await world.signsFor(id, EVA, { kind: "confirm" });
  await world.runChange(id);
  await world.signsFor(id, CORA, { kind: "approve" });
  return id;
}

describe("a wave while others use up what bulk work may write", () => {
  it("sends what there is room for, waits for the rest by a timer, and ends like any other", async () => {
    const id = await agreedWave(ADA, DEV);
    leave(3);
    const state = await world.runChange(id);
    expect(state).toMatchObject({ status: "Working", done: 1, notBefore: plus(world.now, 18_750) });
    expect(world.directory.journal.map((line) => line.split(" ")[0])).toEqual(["eligible", "-active", "eligible"]);
    expect(await world.runOn(id)).toMatchObject({ status: "Done", done: 2 });
    expect(world.directory.standsNow().map(({ principalId }) => principalId)).toEqual(BREAK_GLASS);
    expect(world.recordTypes(id).filter((type) => type === "ChangeItemAttempted")).toHaveLength(4);
  });
});

describe("a pace that somebody spoiled", () => {
  const told = () => world.mails.filter(({ subject }) => subject === "Zero Standing: somebody changed its records");
  let id: ChangeId;
  let logged: string[];
  beforeEach(async () => {
    logged = [];
    id = await agreedWave(ADA, DEV);
    const { pace } = world.tables;
    Object.assign(world.changeWorker, {
      pace: { take: async (wanted: number, at: Instant) => ({ ...(await pace.take(wanted, at)), spoiled: true }) },
      log: (level: string, message: string) => void logged.push(`${level} ${message}`),
    });
  });

  it("is told once, and in the log each time, while the work goes on", async () => {
    expect(await world.runOn(id)).toMatchObject({ status: "Done", done: 2 });
    expect(logged.filter((line) => line === "error tampering").length).toBeGreaterThan(1);
    expect(world.tables.chains.get("findings")?.map(({ type, data }) => [type, data])).toEqual([
      ["TamperingFound", { what: "pace of bulk writes" }],
    ]);
    expect(told().map(({ to }) => to)).toEqual([world.policy.alertMail]);
    expect(told()[0]?.html).toContain("table controls, pace");
  });

  it("holds up nothing where it cannot be told", async () => {
    const { notifier } = world.changeWorker;
    const mail = (message: Parameters<typeof notifier.mail>[0]): Promise<void> =>
      message.subject.includes("changed its records") ? Promise.reject(new Error("no mail")) : notifier.mail(message);
    Object.assign(world.changeWorker, { notifier: { mail } });
    expect(await world.runOn(id)).toMatchObject({ status: "Done", done: 2 });
    expect(logged).toContain("error tampering not told");
  });
});

describe("grants and their ends while bulk work uses up what it may write", () => {
  it("ask for no room", async () => {
    world.directory.eligible.push({ ...anItem(ADA), memberType: "Direct", endsAt: undefined });
    await world.claim();
    await world.run();
    await world.stepUp();
    await world.run();
    leave(0);
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("Active");
    world.now = plus(world.now, 10 * MINUTE_MS);
    leave(0);
    await world.ask("stop-end", { kind: "stop", how: "end", person: ADA.key, account: ADA.dailyAccount });
    expect((await world.run()).status).toBe("Ended");
    expect(world.directory.writes.map(({ action }) => action)).toEqual(["assign", "remove"]);
  });
});

describe("the eligibility of one person while bulk work uses up what it may write", () => {
  it("is taken at once, with the role that is held", async () => {
    world.directory.eligible.push({ ...anItem(ADA), memberType: "Direct", endsAt: undefined });
    world.directory.stand(aUser(anItem(ADA).principalId), ROLE, { endsAt: plus(START, HOUR_MS) });
    leave(0);
    const item = anItem(ADA, { action: "revoke" });
    const id = await world.askFor(DEV, { kind: "eligibility", action: "remove" }, [item]);
    await world.runChange(id);
    await world.signsFor(id, DEV, { kind: "confirm" });
    expect((await world.runChange(id)).status).toBe("Done");
    expect(world.directory.journal.map((line) => line.split(" ")[0])).toEqual(["-active", "-eligible"]);
  });
});

describe("reviews that are worked at the same time", () => {
  const people = (first: number, count: number): readonly PrincipalId[] =>
    Array.from(
      { length: count },
      (_, n) => `00000000-0000-4000-8000-${String(first + n).padStart(12, "0")}` as PrincipalId,
    );
  const roles = [HELPDESK, ROLE.replace("62e9", "72e9") as RoleDefinitionId];

  /** So many are eligible for each of two roles; nobody answers, and the deadline comes. */
  async function atTheDeadline(count: number): Promise<readonly ChangeId[]> {
    const { governance } = world.policy;
    if (!governance) throw new Error("no governance");
    const more = roles.map((roleDefinitionId) => aRole({ roleDefinitionId, name: roleDefinitionId }));
    world.policy = { ...world.policy, roles: more, governance: { ...governance, reviews: REVIEWED } };
    for (const [index, roleDefinitionId] of roles.entries()) {
      world.directory.roles.set(roleDefinitionId, { id: roleDefinitionId, name: roleDefinitionId, builtIn: true });
      for (const principalId of people(10_000 * (index + 1), count)) {
        world.directory.principals.set(principalId, aUser(principalId));
        const row = { principalId, roleDefinitionId, directoryScopeId: "/" as DirectoryScopeId };
        world.directory.eligible.push({ ...row, memberType: "Direct", endsAt: plus(START, 365 * DAY_MS) });
      }
    }
    const campaign = await openCampaign(world.changeWorker);
    const opened = campaign ? await world.changeWorker.changes.about(`campaign-${campaign}`) : [];
    for (const review of opened) await world.runChange(review);
    world.now = plus(world.now, 15 * DAY_MS);
    return opened;
  }

  /** Each in turn, and the clock moves to the next that is due, until all are over. */
  async function workAll(reviews: readonly ChangeId[], until = Infinity): Promise<readonly ChangeState[]> {
    for (let rounds = 0; rounds < 500; rounds += 1) {
      const states: ChangeState[] = [];
      for (const review of reviews) states.push(await world.runChange(review));
      const due = states.flatMap((one) => (one.status === "Working" ? [one.notBefore] : [])).toSorted()[0];
      if (due === undefined || msOf(due) > until) return states;
      world.now = due > world.now ? due : plus(world.now, 1_000);
    }
    throw new Error("they do not end");
  }

  it("share it, wait for each other by timers, and all are removed", async () => {
    const sentAt: number[] = [];
    const end = world.directory.endEligibility.bind(world.directory);
    world.directory.endEligibility = (item) => {
      sentAt.push(msOf(world.now));
      return end(item);
    };
    const states = await workAll(await atTheDeadline(400));
    expect(states.map(({ status }) => status)).toEqual(["Done", "Done"]);
    expect(world.directory.eligible).toEqual([]);
    expect(sentAt).toHaveLength(800);
    expect(sentAt.filter((at) => at === sentAt[0])).toHaveLength(300);
    const tookMs = (sentAt.at(-1) ?? 0) - (sentAt[0] ?? 0);
    expect(tookMs).toBeGreaterThanOrEqual(60_000);
    expect(tookMs).toBeLessThan(120_000);
  });

  it("end a role that is held without waiting for room, and take the eligibility once there is some", async () => {
    const reviews = await atTheDeadline(1);
    const [held] = world.directory.eligible;
    if (!held) throw new Error("nobody is eligible");
    world.directory.stand(aUser(held.principalId), held.roleDefinitionId, { endsAt: plus(world.now, HOUR_MS) });
    leave(0);
    for (const review of reviews) await world.runChange(review);
    const own = (): readonly string[] => world.directory.journal.map((line) => line.split(" ").slice(0, 2).join(" "));
    expect(own()).toEqual([`-active ${held.principalId}`]);
    await workAll(reviews);
    expect(own()).toContain(`-eligible ${held.principalId}`);
  });

  it("try those who were left each hour as far as there is room, and come to all of them", async () => {
    const reviews = await atTheDeadline(400);
    const tried = new Set<PrincipalId>();
    const began = msOf(world.now);
    let refusing = true;
    const end = world.directory.endEligibility.bind(world.directory);
    world.directory.endEligibility = (item) => {
      if (msOf(world.now) >= began + HOUR_MS) tried.add(item.principalId);
      return refusing ? Promise.resolve(refusedWith("InvalidScope")) : end(item);
    };
    await workAll(reviews, began + 4 * HOUR_MS);
    expect(tried.size).toBe(800);
    refusing = false;
    expect((await workAll(reviews)).map(({ status }) => status)).toEqual(["Done", "Done"]);
  });
});

describe("the daily look", () => {
  it("ends the eligibility of at most five hundred accounts that are gone, and of the others on the next day", async () => {
    for (let n = 0; n < 502; n += 1) {
      const principalId = `00000000-0000-4000-8000-${String(5_000 + n).padStart(12, "0")}` as PrincipalId;
      world.directory.principals.set(principalId, aUser(principalId, { enabled: false }));
      world.directory.eligible.push({ ...anItem(ADA), principalId, memberType: "Direct", endsAt: undefined });
    }
    await checkDaily(world.changeWorker)();
    expect(world.directory.eligible).toHaveLength(2);
    await checkDaily(world.changeWorker)();
    expect(world.directory.eligible).toEqual([]);
  });
});
