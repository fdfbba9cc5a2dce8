import { beforeEach, describe, expect, it } from "vitest";
import { openCampaign } from "../../functions/review/open-campaign.ts";
import { reportCampaign } from "../../functions/review/report.ts";
import type { ChangeId, ChangeState } from "../../shared/domain/change.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import { DAY_MS, plus } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { anItem, aUser, BREAK_GLASS, ChangeWorld } from "../support/change-world.ts";
import { ADA, adminOf, CORA, DEV, EVA, ROLE } from "../support/memory-world.ts";
import { REVIEWED } from "../support/reviewed-world.ts";

let world: ChangeWorld;
beforeEach(async () => {
  world = new ChangeWorld();
  const { governance } = world.policy;
  if (!governance) throw new Error("no governance");
  const reviews = { ...REVIEWED, where: "entra" } as const;
  world.policy = { ...world.policy, governance: { ...governance, reviews } };
  for (const one of [ADA, CORA, DEV]) {
    world.directory.principals.set(adminOf(one), aUser(adminOf(one), { name: one.name }));
    await world.directory.makeEligible(anItem(one), { durationMs: 365 * DAY_MS, justification: "", correlationId: "" });
    world.inEntra.decided.set(adminOf(one), []);
  }
  world.mails.length = 0;
});

async function opened(): Promise<{
  readonly campaign: ChangeId;
  readonly review: ChangeId;
  readonly state: ChangeState;
}> {
  const campaign = await openCampaign(world.changeWorker);
  const [review] = campaign ? await world.changeWorker.changes.about(`campaign-${campaign}`) : [];
  if (!campaign || !review) throw new Error("no campaign is due");
  return { campaign, review, state: await world.runChange(review) };
}

function decides(by: Person | { readonly dailyAccount: PrincipalId }, about: Person, keeps: boolean): void {
  const before = world.inEntra.decided.get(adminOf(about)) ?? [];
  const decision = { keeps, reason: "because", by: by.dailyAccount, at: world.now };
  world.inEntra.decided.set(adminOf(about), [...before, decision]);
}

async function deadline(review: ChangeId): Promise<ChangeState> {
  world.now = plus(world.now, 15 * DAY_MS);
  return world.runOn(review);
}

const eligible = (): readonly string[] => world.directory.eligible.map(({ principalId }) => principalId);
const outcomes = async (campaign: ChangeId): Promise<readonly string[]> =>
  (await reportCampaign(world.changeWorker, campaign))?.items.map(
    ({ holder, verdict, by, why }) => `${holder}: ${verdict}, ${by || "nobody"}, ${why}`,
  ) ?? [];

describe("a review that is held in Entra", () => {
  it("is asked for there, with the reviewers of the policy and the time they have, and mails nobody itself", async () => {
    const { review, state } = await opened();
    expect(state.status).toBe("AwaitingReview");
    expect([...world.inEntra.reviews.values()]).toEqual([
      {
        name: `Zero Standing review ${review}: Global Administrator`,
        words: expect.stringContaining("Global Administrator") as string,
        roleDefinitionId: ROLE,
        reviewers: [DEV.dailyAccount, EVA.dailyAccount],
        days: 14,
      },
    ]);
    world.now = plus(world.now, 8 * DAY_MS);
    await world.runChange(review);
    expect(world.mails).toEqual([]);
  });

  it("does at the deadline what was decided there, and the report says who decided", async () => {
    const { campaign, review } = await opened();
    decides(EVA, ADA, true);
    decides(DEV, CORA, false);
    decides(EVA, DEV, true);
    expect((await deadline(review)).status).toBe("Done");
    expect(eligible()).toEqual([adminOf(ADA), adminOf(DEV)]);
    expect(await outcomes(campaign)).toEqual([
      "ada: keep, eva, because",
      "cora: remove, dev, because",
      "dev: keep, eva, because",
    ]);
    expect(world.recordTypes(review).filter((type) => type === "ChangeDecided")).toHaveLength(2);
  });

  it("lets nobody answer about themselves, and nobody whom the policy does not name", async () => {
    const { campaign, review } = await opened();
    decides(DEV, DEV, true);
    decides(CORA, ADA, true);
    decides({ dailyAccount: BREAK_GLASS[0] as PrincipalId }, CORA, true);
    await deadline(review);
    expect(await outcomes(campaign)).toEqual(
      ["ada", "cora", "dev"].map((who) => `${who}: remove, nobody, nobody answered`),
    );
    expect(eligible()).toEqual([]);
  });

  it.each([
    ["two reviewers decided", DEV],
    ["one decided twice, for two scopes", EVA],
  ])("takes removal before keeping where %s", async (_who, second) => {
    const { review } = await opened();
    decides(EVA, ADA, true);
    decides(second, ADA, false);
    await deadline(review);
    expect(eligible()).not.toContain(adminOf(ADA));
  });

  it("keeps whom Entra asked nobody about", async () => {
    const { campaign, review } = await opened();
    world.inEntra.decided.delete(adminOf(CORA));
    await deadline(review);
    expect(eligible()).toEqual([adminOf(CORA)]);
    expect(await outcomes(campaign)).toContain("cora: keep, nobody, Entra did not ask about them");
  });

  it("stops and takes nothing where the review is gone from Entra", async () => {
    const { review } = await opened();
    world.inEntra.reviews.clear();
    const end = await deadline(review);
    expect(end).toMatchObject({ status: "Stopped", closing: { reason: "DirectorySurprise" } });
    expect(eligible()).toHaveLength(3);
  });

  it("is held here where Entra refuses it, and the alert mail says why", async () => {
    world.inEntra.refuses = "403 Forbidden";
    const { review, state } = await opened();
    expect(state.status).toBe("AwaitingReview");
    const to = world.mails.filter(({ subject }) => subject.startsWith("Access review")).map((mail) => mail.to);
    expect(to.toSorted()).toEqual([DEV.mail, EVA.mail]);
    expect(world.mails.map(({ subject }) => subject)).toContain(
      "The access review of Global Administrator is held here: Entra refused it",
    );
    expect(world.records(review).map(({ data }) => (data as { finding?: string }).finding)).toContain(
      "reviewNotInEntra",
    );
  });

  it("is opened once, and read in the end, whatever fails on the way", async () => {
    const away = (): Error => new DependencyError("Throttled", "too many");
    world.inEntra.failures = [away(), away()];
    const { review } = await opened();
    decides(EVA, ADA, true);
    world.inEntra.failures = [away(), away(), away()];
    expect((await deadline(review)).status).toBe("Done");
    expect(world.inEntra.reviews.size).toBe(1);
    expect(eligible()).toEqual([adminOf(ADA)]);
  });
});
