import { InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { readDeeds } from "../../functions/review/read-deeds.ts";
import { reportCampaign } from "../../functions/review/report.ts";
import { tendCampaign } from "../../functions/triggers/tend-campaign.timer.ts";
import type { ChangeId, ChangeItem } from "../../shared/domain/change.ts";
import type { Person } from "../../shared/domain/people.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { DependencyError, type DependencyErrorCode } from "../../shared/ports/dependency-error.ts";
import { anItem, aUser, ChangeWorld } from "../support/change-world.ts";
import { ADA, adminOf, CORA, DEV, OWNERS, ROLE } from "../support/memory-world.ts";

let world: ChangeWorld;
beforeEach(async () => {
  world = new ChangeWorld();
  const reviews = {
    from: plus(world.now, -DAY_MS),
    everyMs: 90 * DAY_MS,
    withinMs: 14 * DAY_MS,
    remindAfterMs: 7 * DAY_MS,
    reviewers: [{ kind: "group" as const, group: OWNERS }],
    escalation: undefined,
    noAnswer: "remove" as const,
  };
  const { governance } = world.policy;
  if (governance) world.policy = { ...world.policy, governance: { ...governance, reviews } };
  for (const one of [ADA, CORA, DEV]) {
    world.directory.principals.set(adminOf(one), aUser(adminOf(one), { name: one.name }));
    await world.directory.makeEligible(anItem(one), { durationMs: 365 * DAY_MS, justification: "", correlationId: "" });
  }
});

/** The person held the role for two hours, so many days ago. */
async function held(person: Person, daysAgo: number, account = adminOf(person)): Promise<void> {
  const activationId = `${person.key}${daysAgo}`.replaceAll(/[^0-9a-f]/g, "0").padStart(32, "0") as ChangeId;
  const startsAt = plus(world.now, -daysAgo * DAY_MS);
  const endsAt = plus(startsAt, 2 * HOUR_MS);
  const ticket = { system: "servicenow" as const, number: `CHG${daysAgo}${person.key}` };
  await world.claim({ activationId, person: person.key, principalId: account, ticket });
  const closing = { reason: "EndTimeReached" as const, detail: null, by: null };
  const state = { status: "Ended" as const, since: endsAt, closing, assignmentScheduleId: "s", startsAt, endsAt };
  const record = await world.record(activationId);
  await world.tables.store.transition(record, { key: "ended", state, events: [], listedFor: [person.key] });
}

const did = (person: Person, name: string, daysAgo: number, minutes = 30): unknown =>
  world.directory.log.push({
    account: adminOf(person),
    name,
    at: plus(world.now, -daysAgo * DAY_MS + minutes * MINUTE_MS),
  });

async function tend(): Promise<ChangeId> {
  const begun: ChangeId[] = [];
  const gateway = { campaign: async (id: ChangeId) => void begun.push(id) } as never;
  await tendCampaign(world.changeWorker, () => gateway)(undefined, new InvocationContext());
  const [id] = begun;
  if (!id) throw new Error("no campaign");
  for (const review of await world.changeWorker.changes.about(`campaign-${id}`)) await world.runChange(review);
  return id;
}

const reported = async (id: ChangeId): Promise<readonly string[]> =>
  ((await reportCampaign(world.changeWorker, id))?.items ?? []).map(({ holder, did: what }) => `${holder}: ${what}`);

/** The only review of the campaign has these items instead, and nothing was read for them. */
async function moreItems(campaign: ChangeId, people: readonly ChangeItem[]): Promise<void> {
  const [review] = await world.changeWorker.changes.about(`campaign-${campaign}`);
  const stored = review && world.tables.changes.stored.get(review);
  if (!stored) throw new Error("no review");
  stored.items = people;
  world.tables.changes.deedsSheets.clear();
  const body = JSON.parse(world.tables.changes.frozenRows.get(campaign)?.body ?? "{}") as {
    reviews: { items: number }[];
  };
  const frozen = JSON.stringify({ ...body, reviews: body.reviews.map((one) => ({ ...one, items: people.length })) });
  world.tables.changes.frozenRows.set(campaign, { body: frozen, mac: world.worker.sealing.mac("campaign", frozen) });
}

describe("what people did with the role that is reviewed", () => {
  it("is read for those who held it, in the times in which they did, and reported", async () => {
    await held(ADA, 3);
    await held(CORA, 80);
    did(ADA, "Reset user password", 3);
    did(ADA, "Update user", 2); // after the role had ended
    const id = await tend();
    expect(world.directory.logReads).toEqual([adminOf(ADA)]);
    expect(await reported(id)).toEqual([
      expect.stringMatching(/^ada: Reset user password \(1\) \(read on/),
      "cora: not known, because Entra's log does not reach back so far",
      "dev: ",
    ]);
  });

  it("leaves out what another account of the same person held", async () => {
    await held(ADA, 3, ADA.dailyAccount);
    expect((await reported(await tend()))[0]).toBe("ada: ");
    expect(world.directory.logReads).toEqual([]);
  });

  it("is read once for each, whatever comes later", async () => {
    await held(ADA, 3);
    await tend();
    await tend();
    expect(world.directory.logReads).toHaveLength(1);
  });

  it.each<DependencyErrorCode>(["Throttled", "Unavailable", "Misconfigured"])(
    "is said not to be read while the log answers %s, and read from there the next time",
    async (code) => {
      await held(ADA, 3);
      await held(CORA, 4);
      const { visitActivities } = world.directory;
      world.directory.visitActivities = async (account, ...rest) => {
        if (account === adminOf(CORA)) throw new DependencyError(code, "not now");
        return visitActivities(account, ...rest);
      };
      const id = await tend();
      expect(await reported(id)).toEqual([expect.stringMatching(/^ada: nothing/), "cora: not read", "dev: not read"]);
      world.directory.visitActivities = visitActivities;
      await tend();
      expect(world.directory.logReads).toEqual([adminOf(ADA), adminOf(CORA)]);
      expect(await reported(id)).toEqual([
        expect.stringMatching(/^ada: nothing/),
        expect.stringMatching(/^cora: nothing/),
        "dev: ",
      ]);
    },
  );

  it("passes over somebody for whom the log has no answer", async () => {
    await held(ADA, 3);
    await held(CORA, 4);
    const { visitActivities } = world.directory;
    world.directory.visitActivities = async (account, ...rest) => {
      if (account === adminOf(ADA)) throw new DependencyError("Rejected", "no such account");
      return visitActivities(account, ...rest);
    };
    const id = await tend();
    expect(await reported(id)).toEqual(["ada: not read", expect.stringMatching(/^cora: nothing/), "dev: "]);
  });

  it("is read page by page, and where the log is longer than five of them the report says so", async () => {
    world.directory.logPage = 2;
    for (const [person, daysAgo, count] of [
      [ADA, 3, 10],
      [CORA, 4, 11],
    ] as const) {
      await held(person, daysAgo);
      for (let n = 0; n < count; n += 1) did(person, "Update user", daysAgo, n);
    }
    const id = await tend();
    expect(world.directory.logReads).toHaveLength(10);
    expect((await reported(id)).slice(0, 2)).toEqual([
      expect.stringMatching(/^ada: Update user \(10\) \(read on/),
      expect.stringMatching(/^cora: Update user \(10\); only the first 10 entries of Entra's log were read \(read on/),
    ]);
  });

  it("counts pages as what they cost the log, and reads the others the next time", async () => {
    world.directory.logPage = 1;
    for (const [person, daysAgo] of [
      [ADA, 3],
      [CORA, 4],
      [DEV, 5],
    ] as const) {
      await held(person, daysAgo);
      for (let n = 0; n < 8; n += 1) did(person, "Update user", daysAgo, n);
    }
    const people = Array.from({ length: 5 }, (_, n) => ({ ...anItem(ADA), n }));
    const campaign = await tend();
    expect(world.directory.logReads).toHaveLength(15);
    await moreItems(campaign, people);
    await readDeeds(world.changeWorker, campaign);
    expect(world.directory.logReads).toHaveLength(15 + 20);
    await readDeeds(world.changeWorker, campaign);
    expect(world.directory.logReads).toHaveLength(15 + 25);
  });

  it("costs the log at most twenty reads at a time", async () => {
    const people = Array.from({ length: 30 }, (_, n) => ({ ...anItem(ADA), n }));
    const campaign = await tend();
    await held(ADA, 3);
    await moreItems(campaign, people);
    await readDeeds(world.changeWorker, campaign);
    expect(world.directory.logReads).toHaveLength(20);
    await readDeeds(world.changeWorker, campaign);
    expect(world.directory.logReads).toHaveLength(30);
    expect(ROLE).toBe(people[0]?.roleDefinitionId);
  });
});
