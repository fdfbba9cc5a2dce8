import { beforeEach, describe, expect, it } from "vitest";
import fc from "fast-check";
import { closeCampaign } from "../../functions/review/close-campaign.ts";
import { openCampaign } from "../../functions/review/open-campaign.ts";
import { reportCampaign } from "../../functions/review/report.ts";
import { answersDigest } from "../../functions/review/resolve-item.ts";
import { sealProgress } from "../../functions/changes/frozen-change.ts";
import type { ChangeId, ChangeState } from "../../shared/domain/change.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ReviewPolicy } from "../../shared/domain/policy.ts";
import { aboutItem } from "../../shared/crypto/reviewed-item.ts";
import { campaignDue, decideReview, type ReviewAnswer } from "../../shared/domain/review.ts";
import { DAY_MS, plus } from "../../shared/domain/time.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import { DependencyError, type DependencyErrorCode } from "../../shared/ports/dependency-error.ts";
import { anItem, aUser, BREAK_GLASS, ChangeWorld } from "../support/change-world.ts";
import { Crash } from "../support/crash.ts";
import { NO_ANSWER, refusedWith, START } from "../support/memory-directory.ts";
import { ADA, adminOf, APPROVERS, CORA, DEV, EVA, OWNERS, ROLE } from "../support/memory-world.ts";

const REVIEWS: ReviewPolicy = {
  from: plus(START, -DAY_MS),
  everyMs: 90 * DAY_MS,
  withinMs: 14 * DAY_MS,
  remindAfterMs: 7 * DAY_MS,
  reviewers: [{ kind: "group", group: OWNERS }], // Dev and Eva
  escalation: undefined,
  noAnswer: "remove",
};

let world: ChangeWorld;
beforeEach(async () => {
  world = await aReviewedWorld();
});

async function aReviewedWorld(reviews: ReviewPolicy = REVIEWS, eligible = [ADA, CORA, DEV]): Promise<ChangeWorld> {
  const made = new ChangeWorld();
  const { governance } = made.policy;
  if (governance) made.policy = { ...made.policy, governance: { ...governance, reviews } };
  for (const one of eligible) {
    made.directory.principals.set(adminOf(one), aUser(adminOf(one), { name: one.name }));
    await made.directory.makeEligible(anItem(one), { durationMs: 365 * DAY_MS, justification: "", correlationId: "" });
  }
  made.directory.journal.length = 0;
  return made;
}

/** The only review of the campaign that is due. */
async function opened(into: ChangeWorld = world): Promise<{ campaign: ChangeId; review: ChangeId }> {
  const campaign = await openCampaign(into.changeWorker);
  if (!campaign) throw new Error("no campaign is due");
  const [review] = await into.changeWorker.changes.about(`campaign-${campaign}`);
  if (!review) throw new Error("the campaign has no review");
  await into.runChange(review);
  return { campaign, review };
}

const numberOf = async (review: ChangeId, person: Person, into = world): Promise<number> =>
  (await into.tables.changes.items(review)).findIndex((item) => item.person === person.key) + 1;

/** What the page shows somebody as: an answer is about that. */
async function aboutOf(review: ChangeId, n: number, into = world): Promise<string> {
  const [item] = await into.tables.changes.items(review, n, 1);
  return item ? aboutItem(item) : "";
}

/** A reviewer answers on the page and signs. */
async function answer(
  review: ChangeId,
  by: Person,
  said: readonly (readonly [Person, ReviewAnswer["choice"]])[],
  into = world,
): Promise<void> {
  const slot = into.frozen(review).approvers.find(({ person }) => person === by.key)?.slot ?? 0;
  const entries = await Promise.all(
    said.map(async ([person, choice]) => {
      const n = await numberOf(review, person, into);
      return [String(n), { choice, reason: "because", about: await aboutOf(review, n, into) }] as const;
    }),
  );
  await into.tables.changes.keepAnswers(review, slot, Object.fromEntries(entries));
  const sheet = await into.tables.changes.answers(review, slot);
  await into.signsFor(review, by, { kind: "review", answersDigest: answersDigest(sheet) }, { slot });
  await into.runChange(review); // the bell
}

const deadline = async (review: ChangeId, into = world): Promise<ChangeState> => {
  into.now = plus(into.now, 15 * DAY_MS);
  return into.runOn(review);
};
const eligibleNow = (of = world): readonly string[] => of.directory.eligible.map(({ principalId }) => principalId);

describe("a campaign", () => {
  it("opens once when it is due, with everybody who is eligible, and mails each reviewer one link", async () => {
    const { campaign, review } = await opened();
    expect(await openCampaign(world.changeWorker)).toBe(campaign);
    expect((await world.tables.changes.items(review)).map(({ person }) => person)).toEqual([
      ADA.key,
      CORA.key,
      DEV.key,
    ]);
    const mails = world.mails.filter(({ subject }) => subject.startsWith("Access review"));
    expect(mails.map(({ to }) => to).toSorted()).toEqual([DEV.mail, EVA.mail]);
    expect(mails[0]?.subject).toBe("Access review: who still needs which role?");
  });

  it.each([
    ["before the first day", "2026-01-01T00:00:00.000Z", undefined],
    ["on the first day", "2026-10-01T00:00:00.000Z", 0],
    ["on the eighty-ninth", "2026-12-29T23:00:00.000Z", 0],
    ["on the ninetieth", "2026-12-30T00:00:00.000Z", 1],
    ["years later", "2028-10-01T00:00:00.000Z", 8],
  ])("is counted from the first day, whatever restarts: %s", (_when, now, number) => {
    expect(campaignDue({ ...REVIEWS, from: "2026-10-01T00:00:00.000Z" }, now)?.number).toBe(number);
  });

  it("does not open while the last one is open", async () => {
    await opened();
    world.now = plus(world.now, 90 * DAY_MS);
    expect(await openCampaign(world.changeWorker)).toBeUndefined();
  });

  it("does not open either when two periods pass while one is open, and opens once that is over, with the whole time", async () => {
    const { campaign, review } = await opened();
    for (const days of [90, 90]) {
      world.now = plus(world.now, days * DAY_MS);
      expect(await openCampaign(world.changeWorker)).toBeUndefined();
    }
    await world.runOn(review);
    expect(await openCampaign(world.changeWorker)).toBeUndefined();
    expect(await closeCampaign(world.changeWorker, campaign)).toBe(true);
    world.directory.eligible.push({ ...anItem(ADA), memberType: "Direct", endsAt: undefined });
    const next = await openCampaign(world.changeWorker);
    const record = next && (await world.tables.changes.load(next));
    expect(record?.change.body).toMatchObject({ number: 2, until: plus(world.now, 14 * DAY_MS) });
  });

  it("is over at once where nobody is eligible, and says so", async () => {
    world = await aReviewedWorld(REVIEWS, []);
    const campaign = await openCampaign(world.changeWorker);
    expect(campaign && (await closeCampaign(world.changeWorker, campaign))).toBe(true);
    expect(world.mails.map(({ to, subject }) => `${to}: ${subject}`)).toEqual([
      `${world.policy.alertMail}: Access review 1 is over`,
    ]);
    expect(campaign && (await reportCampaign(world.changeWorker, campaign))).toMatchObject({
      status: "Done",
      items: [],
    });
  });

  it("says so, once, when nobody can review, and does not begin", async () => {
    const group = world.directory.groups.get(OWNERS);
    if (group) world.directory.groups.set(OWNERS, { ...group, members: [] });
    for (let time = 0; time < 2; time += 1) expect(await openCampaign(world.changeWorker)).toBeUndefined();
    expect(world.mails.filter(({ subject }) => subject.includes("nobody can review"))).toHaveLength(1);
  });

  it("does not begin either where nobody of those who are named can sign in, and asks only who can", async () => {
    const disable = (...some: readonly Person[]): void => {
      for (const one of some)
        for (const id of [one.dailyAccount, ...one.adminAccounts])
          world.directory.accounts.set(id, { id, enabled: false, userType: "Member" });
    };
    disable(DEV, EVA);
    expect(await openCampaign(world.changeWorker)).toBeUndefined();
    expect(world.mails.filter(({ subject }) => subject.includes("nobody can review"))).toHaveLength(1);
    const guest = EVA.dailyAccount;
    world.directory.accounts.set(guest, { id: guest, enabled: true, userType: "Guest" });
    expect(await openCampaign(world.changeWorker)).toBeUndefined();
    world.directory.accounts.set(guest, { id: guest, enabled: true, userType: "Member" });
    const { review } = await opened();
    expect(world.frozen(review).approvers.map(({ person }) => person)).toEqual([EVA.key]);
  });

  it("says, once, where its only reviewer is reviewed, about whom nobody can answer", async () => {
    const owners = world.directory.groups.get(OWNERS);
    if (owners) world.directory.groups.set(OWNERS, { ...owners, members: [DEV.dailyAccount] });
    const told = () => world.mails.filter(({ subject }) => subject.includes("nobody can answer about dev"));
    const { freeze } = world.tables.changes;
    world.tables.changes.freeze = () => Promise.reject(new Error("killed")); // it begins again
    await expect(openCampaign(world.changeWorker)).rejects.toThrow("killed");
    world.tables.changes.freeze = freeze;
    const { campaign } = await opened();
    expect(told().map(({ to }) => to)).toEqual([world.policy.alertMail]);
    expect(world.tables.chains.get("findings")?.map(({ data }) => data)).toEqual([
      { finding: "onlyReviewerReviewed", campaign, person: DEV.key },
    ]);
  });

  it("says nothing of the kind where another one can answer about them", async () => {
    await opened();
    expect(world.mails.filter(({ to }) => to === world.policy.alertMail)).toEqual([]);
  });

  it("ends with a report once its reviews are over", async () => {
    const { campaign, review } = await opened();
    expect(await closeCampaign(world.changeWorker, campaign)).toBe(false);
    await answer(review, EVA, [
      [ADA, "keep"],
      [CORA, "remove"],
      [DEV, "keep"],
    ]);
    await deadline(review);
    expect(await closeCampaign(world.changeWorker, campaign)).toBe(true);
    const report = await reportCampaign(world.changeWorker, campaign);
    expect(report).toMatchObject({ status: "Done", reviews: [{ status: "Done", done: 3, total: 3 }] });
    expect(report?.items.map(({ holder, verdict, by, done }) => `${holder} ${verdict} ${by} ${done}`)).toEqual([
      "ada keep eva true",
      "cora remove eva true",
      "dev keep eva true",
    ]);
    const proofs = report?.items.map(({ principalId, readBackAt, record }) => {
      const [subject = "", key] = record.split(" ");
      const found = world.tables.chains.get(subject)?.find((one) => one.key === key);
      expect([found?.type, found?.at, found?.data["principalId"]]).toEqual(["ChangeItemDone", readBackAt, principalId]);
      return (found?.data["read"] as { readonly eligibleUntil: unknown }).eligibleUntil !== false;
    });
    expect(proofs).toEqual([true, false, true]); // what the directory showed: eligible still, or not
  });
});

describe("a review", () => {
  it("keeps, shortens and removes as was signed, at the deadline", async () => {
    const { review } = await opened();
    await answer(review, EVA, [
      [ADA, "remove"],
      [CORA, "shorten"],
      [DEV, "keep"],
    ]);
    expect((await world.runChange(review)).status).toBe("AwaitingReview");
    expect(eligibleNow()).toHaveLength(3);
    expect((await deadline(review)).status).toBe("Done");
    expect(eligibleNow()).toEqual([adminOf(CORA), adminOf(DEV)]);
    const [cora] = world.directory.eligible;
    expect(cora?.endsAt).toBe(plus(START, 45 * DAY_MS));
  });

  describe("when mail does not go out", () => {
    const mailed = (): readonly string[] =>
      world.mails.filter(({ subject }) => subject.startsWith("Access review")).map(({ to }) => to);
    const mailing = (mail: (message: { readonly to: readonly string[] }) => Promise<void>): void =>
      void Object.assign(world.changeWorker, { notifier: { mail } });

    it("begins once it goes out again, however long that takes", async () => {
      const { notifier } = world.changeWorker;
      mailing(() => Promise.reject(new DependencyError("Unavailable", "mail")));
      const campaign = await openCampaign(world.changeWorker);
      const [review] = await world.tables.changes.about(`campaign-${campaign ?? ""}`);
      if (!review) throw new Error("no review");
      await expect(world.runChange(review, 5)).rejects.toThrow("spins");
      world.now = plus(world.now, 2 * DAY_MS);
      await expect(world.runChange(review, 5)).rejects.toThrow("spins");
      Object.assign(world.changeWorker, { notifier });
      expect((await world.runChange(review)).status).toBe("AwaitingReview");
      expect(mailed().toSorted()).toEqual([DEV.mail, EVA.mail]);
    });

    it.each<DependencyErrorCode>(["Rejected", "Misconfigured"])(
      "ends, and its campaign too, where nobody can be told what became of it (%s)",
      async (code) => {
        const { campaign, review } = await opened();
        mailing(() => Promise.reject(new DependencyError(code, "mail")));
        expect((await deadline(review)).status).toBe("Done");
        expect(await closeCampaign(world.changeWorker, campaign)).toBe(true);
        expect(eligibleNow()).toEqual([]);
      },
    );

    it("takes away at once, and its campaign does not end before mail goes out again, if it will", async () => {
      const { campaign, review } = await opened();
      const { notifier } = world.changeWorker;
      mailing(() => Promise.reject(new DependencyError("Unavailable", "mail")));
      expect((await deadline(review)).status).toBe("Done");
      await expect(closeCampaign(world.changeWorker, campaign)).rejects.toThrow("mail");
      Object.assign(world.changeWorker, { notifier });
      expect(await closeCampaign(world.changeWorker, campaign)).toBe(true);
    });

    it("begins with those who can be told where one cannot, and tells them once", async () => {
      const { notifier } = world.changeWorker;
      mailing((message) =>
        message.to.includes(DEV.mail)
          ? Promise.reject(new DependencyError("Rejected", "mail"))
          : notifier.mail(message as never),
      );
      const { review } = await opened();
      expect((await world.runChange(review)).status).toBe("AwaitingReview");
      expect(mailed()).toEqual([EVA.mail]);
    });
  });

  it("begins early when every reviewer has signed", async () => {
    const { review } = await opened();
    await answer(review, EVA, [
      [ADA, "keep"],
      [CORA, "keep"],
      [DEV, "remove"],
    ]);
    await answer(review, DEV, [[ADA, "remove"]]);
    expect((await world.runOn(review)).status).toBe("Done");
    expect(eligibleNow()).toEqual([adminOf(CORA)]);
  });

  it("removes whom nobody answered for, where the policy says so, and nobody where it does not", async () => {
    const { review } = await opened();
    await deadline(review);
    expect(eligibleNow()).toEqual([]);
    const lenient = await aReviewedWorld({ ...REVIEWS, noAnswer: "keep" });
    const kept = await opened(lenient);
    await deadline(kept.review, lenient);
    expect(eligibleNow(lenient)).toHaveLength(3);
  });

  it("sends nothing about an eligibility that somebody took away meanwhile, whatever was answered", async () => {
    const { review } = await opened();
    await answer(review, EVA, [
      [ADA, "keep"],
      [CORA, "shorten"],
      [DEV, "remove"],
    ]);
    world.directory.eligible.splice(0);
    world.directory.journal.length = 0;
    expect(await deadline(review)).toMatchObject({ status: "Done", done: 3 });
    expect(world.directory.journal).toEqual([]);
    expect(world.directory.eligible).toEqual([]);
  });

  it("counts nobody's answer about themselves", async () => {
    const { review } = await opened();
    await answer(review, DEV, [
      [DEV, "keep"],
      [ADA, "keep"],
      [CORA, "keep"],
    ]);
    await deadline(review);
    expect(eligibleNow()).toEqual([adminOf(ADA), adminOf(CORA)]);
  });

  it.each([
    ["goes on from there on the page without signing", "", [ADA]],
    ["who signed is given other answers by somebody who can write rows", "signed", []],
  ] as const)("counts what was signed and nothing else: a reviewer %s", async (_what, where, kept) => {
    const { review } = await opened();
    await answer(review, EVA, [[ADA, "keep"]]);
    const slot = world.frozen(review).approvers.find(({ person }) => person === EVA.key)?.slot ?? 0;
    const signed = answersDigest(await world.tables.changes.answers(review, slot));
    const n = await numberOf(review, CORA);
    const other = { [n]: { choice: "keep", reason: "x", about: await aboutOf(review, n) } } as const;
    await world.tables.changes.keepAnswers(review, slot, other, where === "signed" ? signed : undefined);
    await deadline(review);
    expect(eligibleNow()).toEqual(kept.map(adminOf));
  });

  it("counts no answer about somebody whom the page showed in another's place", async () => {
    const { review } = await opened();
    const [ada, cora] = [await numberOf(review, ADA), await numberOf(review, CORA)];
    const shown = world.tables.changes.stored.get(review);
    const items = shown?.items.toSpliced(ada - 1, 1, ...(await world.tables.changes.items(review, cora, 1)));
    if (shown) shown.items = items ?? [];
    expect(await numberOf(review, CORA)).toBe(ada); // the page shows Cora where Ada stands
    await answer(review, EVA, [[CORA, "keep"]]);
    await deadline(review);
    expect(eligibleNow()).toEqual([]);
  });

  it("takes the last answers that a reviewer signed", async () => {
    const { review } = await opened();
    await answer(review, EVA, [[ADA, "keep"]]);
    await world.runChange(review);
    await answer(review, EVA, [
      [ADA, "remove"],
      [CORA, "keep"],
    ]);
    await deadline(review);
    expect(eligibleNow()).toEqual([adminOf(CORA)]);
  });

  it("does the same for answers that are signed twice, and for a sign-in that arrives twice", async () => {
    const { review } = await opened();
    const said = [[ADA, "keep"], [CORA, "remove"]] as const; // prettier-ignore
    await answer(review, EVA, said);
    const [row] = [...(world.tables.changes.stored.get(review)?.verdicts.values() ?? [])];
    await answer(review, EVA, said);
    const decided = () => world.recordTypes(review).filter((type) => type === "ChangeDecided").length;
    expect(decided()).toBe(2);
    const { nonce } = JSON.parse(row?.body ?? "{}") as { readonly nonce: string };
    const again = { activationId: review, key: `proof-${nonce}`, createdAt: world.now, dueAt: world.now };
    await world.tables.store.ask({ ...again, body: { kind: "proof", sealed: "whatever it says now" } });
    await world.runChange(review);
    expect(decided()).toBe(2);
    expect(world.recordTypes(review)).not.toContain("ProofRefused");
    expect((await deadline(review)).status).toBe("Done");
    expect(eligibleNow()).toEqual([adminOf(ADA)]);
    expect(world.directory.journal).toHaveLength(2);
  });

  it("counts what was signed in time, though its bell was lost and only the deadline wakes the review", async () => {
    const { review } = await opened();
    const slot = world.frozen(review).approvers.find(({ person }) => person === EVA.key)?.slot ?? 0;
    const n = await numberOf(review, ADA);
    const about = await aboutOf(review, n);
    await world.tables.changes.keepAnswers(review, slot, { [n]: { choice: "keep", reason: "x", about } });
    world.now = plus(world.now, 14 * DAY_MS - 60_000);
    const digest = answersDigest(await world.tables.changes.answers(review, slot));
    await world.signsFor(review, EVA, { kind: "review", answersDigest: digest }, { slot });
    world.now = plus(world.now, 120_000);
    expect((await world.runOn(review)).status).toBe("Done");
    expect(eligibleNow()).toEqual([adminOf(ADA)]);
  });

  it("refuses an answer after the deadline, and records the refusal", async () => {
    const { review } = await opened();
    await deadline(review);
    await answer(review, EVA, [[ADA, "keep"]]);
    await world.runChange(review);
    expect(world.recordTypes(review)).toContain("ProofRefused");
  });

  it("takes no answers of somebody who left the reviewers meanwhile", async () => {
    const { review } = await opened();
    await answer(review, DEV, [[ADA, "keep"]]);
    const group = world.directory.groups.get(OWNERS);
    if (group) world.directory.groups.set(OWNERS, { ...group, members: [DEV.dailyAccount] });
    await answer(review, EVA, [[CORA, "keep"]]);
    expect(world.recordTypes(review)).toContain("ProofRefused");
    await deadline(review);
    expect(eligibleNow()).toEqual([adminOf(ADA)]);
  });

  it("counts what somebody signed who left the reviewers afterwards", async () => {
    const { review } = await opened();
    await answer(review, EVA, [[ADA, "keep"]]);
    const group = world.directory.groups.get(OWNERS);
    if (group) world.directory.groups.set(OWNERS, { ...group, members: [DEV.dailyAccount] });
    await deadline(review);
    expect(eligibleNow()).toEqual([adminOf(ADA)]);
  });

  it("takes no answers of a reviewer whose account was disabled meanwhile", async () => {
    const { review } = await opened();
    const id = EVA.dailyAccount;
    world.directory.accounts.set(id, { id, enabled: false, userType: "Member" });
    await answer(review, EVA, [[CORA, "keep"]]);
    expect(world.recordTypes(review)).toContain("ProofRefused");
    await deadline(review);
    expect(eligibleNow()).toEqual([]);
  });

  it("reminds the reviewers once", async () => {
    const { review } = await opened();
    world.now = plus(world.now, 7 * DAY_MS);
    await world.runChange(review);
    await world.runChange(review);
    expect(world.mails.filter(({ subject }) => subject.startsWith("Reminder"))).toHaveLength(2);
  });

  describe("that escalates", () => {
    const DAYS_11 = 11 * DAY_MS;
    const mailed = (): readonly string[] =>
      world.mails.filter(({ subject }) => subject.startsWith("Nobody answered")).map(({ to }) => to);
    const escalating = async (): Promise<ChangeId> => {
      const escalation = { afterMs: 10 * DAY_MS, to: [{ kind: "group" as const, group: APPROVERS }] }; // Cora and Dev
      world = await aReviewedWorld({ ...REVIEWS, escalation });
      return (await opened()).review;
    };

    it("asks others once when nobody signed, and their answers count", async () => {
      const review = await escalating();
      expect(world.mails.filter(({ to }) => to === CORA.mail)).toEqual([]);
      world.now = plus(world.now, 7 * DAY_MS);
      await world.runChange(review);
      expect(mailed()).toEqual([]);
      world.now = plus(world.now, 4 * DAY_MS);
      await world.runChange(review);
      await world.runChange(review);
      expect(mailed()).toEqual([CORA.mail]); // Dev is a reviewer already
      expect(world.recordTypes(review)).toContain("ApproversEscalated");
      await answer(review, CORA, [[ADA, "keep"]]);
      expect((await world.runChange(review)).status).toBe("AwaitingReview");
      await deadline(review);
      expect(eligibleNow()).toEqual([adminOf(ADA)]);
    });

    it("asks nobody else when a reviewer signed", async () => {
      const review = await escalating();
      await answer(review, EVA, [[ADA, "keep"]]);
      world.now = plus(world.now, DAYS_11);
      await world.runChange(review);
      await world.runChange(review);
      expect(mailed()).toEqual([]);
    });

    it("begins early once the reviewers have signed, without those who stand in", async () => {
      const review = await escalating();
      await answer(review, EVA, [[ADA, "keep"]]);
      await answer(review, DEV, [[CORA, "keep"]]);
      expect((await world.runOn(review)).status).toBe("Done");
    });
  });

  describe("by managers", () => {
    /** Cora manages Ada; nobody manages Cora and Dev, so the owners answer for them. */
    beforeEach(async () => {
      world = await aReviewedWorld({ ...REVIEWS, reviewers: [{ kind: "manager" }, ...REVIEWS.reviewers] });
      world.directory.managerOf.set(ADA.dailyAccount, CORA.dailyAccount);
      world.directory.principals.set(CORA.dailyAccount, aUser(CORA.dailyAccount, { name: CORA.name }));
    });

    it("asks each for their own people, and the others for who has none", async () => {
      const { review } = await opened();
      expect(
        world
          .frozen(review)
          .approvers.map(({ person, answersFor }) => [person, answersFor])
          .toSorted(),
      ).toEqual(
        [
          [CORA.key, "ownPeople"],
          [DEV.key, "others"],
          [EVA.key, "others"],
        ].toSorted(),
      );
      const toCora = world.mails.find(({ to }) => to === CORA.mail);
      expect(JSON.stringify(toCora)).toContain("the people whose manager they are");
      const changes = world.tables.changes;
      expect(await changes.share(review, CORA.key)).toEqual([await numberOf(review, ADA)]);
      expect(await changes.share(review, "")).toHaveLength(2);
    });

    it("gives each only their own people, also where opening died and others were there when it began again", async () => {
      world.directory.managerOf.set(DEV.dailyAccount, CORA.dailyAccount);
      const { freeze } = world.tables.changes;
      world.tables.changes.freeze = () => Promise.reject(new Error("killed"));
      await expect(openCampaign(world.changeWorker)).rejects.toThrow("killed");
      world.tables.changes.freeze = freeze;
      world.directory.eligible.splice(0, 1); // Ada, whose number somebody else has now
      const { review } = await opened();
      expect(await world.tables.changes.share(review, CORA.key)).toEqual([await numberOf(review, DEV)]);
      expect(await world.tables.changes.share(review, "")).toEqual([await numberOf(review, CORA)]);
    });

    it("counts what a manager says of their own people, and of nobody else", async () => {
      const { review } = await opened();
      await answer(review, CORA, [
        [ADA, "keep"],
        [DEV, "keep"],
      ]);
      await answer(review, EVA, [
        [ADA, "remove"],
        [CORA, "keep"],
      ]);
      await deadline(review);
      expect(eligibleNow().toSorted()).toEqual([adminOf(ADA), adminOf(CORA)].toSorted());
    });

    it("asks the others where the manager's account is disabled", async () => {
      world.directory.principals.set(CORA.dailyAccount, aUser(CORA.dailyAccount, { enabled: false }));
      const { review } = await opened();
      expect(
        world
          .frozen(review)
          .approvers.map(({ person }) => person)
          .toSorted(),
      ).toEqual([DEV.key, EVA.key].toSorted());
    });
  });

  it("ends a role that is held before it takes the eligibility", async () => {
    world.directory.stand(aUser(adminOf(ADA)), ROLE, { endsAt: plus(world.now, 60 * DAY_MS) });
    const { review } = await opened();
    await deadline(review);
    expect(
      world.directory.journal.filter((line) => line.includes(adminOf(ADA))).map((line) => line.split(" ")[0]),
    ).toEqual(["-active", "-eligible"]);
  });

  describe("with an item that cannot be worked", () => {
    const reported = (review: ChangeId): number =>
      world.records(review).filter(({ type }) => type === "FindingReported").length;

    it("reports it, goes on with the others, and comes back to it", async () => {
      const { review } = await opened();
      world.directory.faults.push({ effect: false, answer: refusedWith("InvalidScope") });
      expect(await deadline(review)).toMatchObject({ status: "Done", done: 3, total: 3 });
      expect(eligibleNow()).toEqual([]);
      expect(world.directory.journal.at(-1)).toContain(adminOf(ADA));
      expect(reported(review)).toBe(1);
    });

    it("takes everything away in the end, however long the directory takes no writes", async () => {
      const { review } = await opened();
      for (let writes = 0; writes < 60; writes += 1)
        world.directory.faults.push({ effect: false, answer: refusedWith("TooManyRequests", 429) });
      expect((await deadline(review)).status).toBe("Done");
      expect(eligibleNow()).toEqual([]);
    });

    it("says after a week what it could not do", async () => {
      const { review } = await opened();
      const end = world.directory.endEligibility.bind(world.directory);
      world.directory.endEligibility = (item) =>
        item.principalId === adminOf(ADA) ? Promise.resolve(refusedWith("InvalidScope")) : end(item);
      const state = await deadline(review);
      expect(state).toMatchObject({ status: "Stopped", done: 2, total: 3, closing: { reason: "DirectorySurprise" } });
      expect(eligibleNow()).toEqual([adminOf(ADA)]);
      expect(reported(review)).toBe(1);
    });

    it("takes from the others where the directory rejects what is asked about one", async () => {
      const { review } = await opened();
      const { looks } = world.directory;
      world.directory.looks = (items) =>
        items.some(({ principalId }) => principalId === adminOf(ADA))
          ? Promise.reject(new DependencyError("Rejected", "Graph GET: 400"))
          : looks(items);
      await deadline(review);
      expect(eligibleNow()).toEqual([adminOf(ADA)]);
    });

    it.each([
      ["spoilt", (row: SealedRow): SealedRow => ({ ...row, body: row.body.replace("review", "restore") })],
      [
        "sealed for something that no review does",
        (): SealedRow => {
          const item = anItem(ADA, { action: "restore" });
          return sealProgress(world.worker.sealing, { ...start(reviewed), n: 1, item });
        },
      ],
    ])("takes from the others, and works none, where its row is %s", async (_what, spoil) => {
      const { review } = await opened();
      reviewed = review;
      const { progress } = world.tables.changes.stored.get(review) ?? {};
      const row = progress?.get(1);
      if (!progress || !row) throw new Error("no item");
      progress.set(1, spoil(row));
      expect(await deadline(review)).toMatchObject({ status: "Stopped", done: 2 });
      expect(eligibleNow()).toEqual([adminOf(ADA)]);
      expect(world.directory.standsNow()).toHaveLength(BREAK_GLASS.length);
      expect(reported(review)).toBe(1);
    });

    let reviewed: ChangeId;
    const start = (changeId: ChangeId) => ({ changeId, finished: false, madeEligible: false, makes: 0, takes: 0 });
  });

  it("counts no answers that are signed while it is worked after the deadline", async () => {
    world.directory.stand(aUser(adminOf(ADA)), ROLE, {
      startsAt: plus(world.now, 15 * DAY_MS),
      endsAt: plus(world.now, 60 * DAY_MS),
    });
    const { review } = await opened();
    world.now = plus(world.now, 15 * DAY_MS);
    expect((await world.runChange(review)).status).toBe("Working"); // Ada's role is too young to be ended
    await answer(review, EVA, [[CORA, "keep"]]);
    expect(world.recordTypes(review)).toContain("ProofRefused");
    await world.runOn(review);
    expect(eligibleNow()).toEqual([]);
  });

  it("takes away also while grants are frozen", async () => {
    const { review } = await opened();
    world.tables.freezeRow = { id: "f", at: world.now, by: "breaker", account: undefined, because: "a drill" };
    expect((await deadline(review)).status).toBe("Done");
    expect(eligibleNow()).toEqual([]);
  });

  it("counts nobody's answer about a group that they are in", async () => {
    const group = "00000000-0000-4000-8000-000000000980" as PrincipalId;
    world.directory.principals.set(group, { id: group, kind: "group", name: "Break-fix" });
    world.directory.holding.set(group, { id: group, members: [adminOf(EVA)], owners: [] });
    const row = anItem(ADA, { principalId: group });
    await world.directory.makeEligible(row, { durationMs: undefined, justification: "", correlationId: "" });
    const { review } = await opened();
    const n = (await world.tables.changes.items(review)).findIndex(({ principalId }) => principalId === group) + 1;
    for (const by of [EVA, DEV]) {
      const slot = world.frozen(review).approvers.find(({ person }) => person === by.key)?.slot ?? 0;
      const choice = by === EVA ? ("remove" as const) : ("keep" as const);
      const about = await aboutOf(review, n);
      await world.tables.changes.keepAnswers(review, slot, { [n]: { choice, reason: "because", about } });
      const sheet = await world.tables.changes.answers(review, slot);
      await world.signsFor(review, by, { kind: "review", answersDigest: answersDigest(sheet) }, { slot });
      await world.runChange(review); // the bell
    }
    await deadline(review);
    expect(eligibleNow()).toEqual([group]);
  });

  it("keeps who could be Global Administrator where fewer than two others could", async () => {
    for (const id of BREAK_GLASS) world.directory.principals.set(id, aUser(id, { enabled: false }));
    const { review } = await opened();
    await deadline(review);
    expect(eligibleNow()).toHaveLength(3 - 1); // the first goes while two others are left; then nobody more
  });

  it("keeps as well who would be it for 30 days more, where fewer than two others would be it for longer", async () => {
    for (const id of BREAK_GLASS) world.directory.principals.set(id, aUser(id, { enabled: false }));
    const { review } = await opened();
    await answer(review, EVA, [
      [ADA, "shorten"],
      [CORA, "shorten"],
      [DEV, "remove"],
    ]);
    await deadline(review);
    const lasting = world.directory.eligible.filter(({ endsAt }) => endsAt && endsAt > plus(world.now, 40 * DAY_MS));
    expect(lasting.map(({ principalId }) => principalId)).toEqual([adminOf(CORA), adminOf(DEV)]);
  });

  it("leaves two who could be Global Administrator for longer, whoever is disabled, whatever is answered and goes wrong", async () => {
    const people = [ADA, CORA, DEV, EVA];
    /** Enabled, and eligible or standing for longer than what is shortened lasts. */
    const ableIn = ({ directory, now }: ChangeWorld): number => {
      const lasting = directory.eligible.filter(({ endsAt }) => !endsAt || endsAt > plus(now, 31 * DAY_MS));
      const able = new Set([...lasting, ...directory.standsNow()].map(({ principalId }) => principalId));
      return [...able].filter((id) => directory.principals.get(id)?.enabled === true).length;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(people, { minLength: 1 }),
        fc.subarray([...people.map(adminOf), ...BREAK_GLASS]),
        fc.array(fc.constantFrom("keep", "shorten", "remove", undefined), { minLength: 4, maxLength: 4 }),
        fc.array(
          fc.constantFrom(
            { effect: true, answer: NO_ANSWER },
            { effect: false, answer: refusedWith("InvalidScope") },
            { effect: true, answer: "throws" as const },
          ),
          { maxLength: 3 },
        ),
        async (eligible, disabled, choices, faults) => {
          const here = await aReviewedWorld(REVIEWS, eligible);
          for (const id of disabled) here.directory.principals.set(id, aUser(id, { enabled: false }));
          const { review } = await opened(here);
          const before = ableIn(here);
          for (const [by, about] of [
            [EVA, eligible.filter((one) => one !== EVA)],
            [DEV, eligible.filter((one) => one === EVA)],
          ] as const) {
            const said = about.flatMap((one) => {
              const choice = choices[people.indexOf(one)];
              return choice ? [[one, choice] as const] : [];
            });
            if (said.length > 0) await answer(review, by, said, here);
          }
          here.directory.faults.push(...faults);
          await deadline(review, here);
          expect(ableIn(here)).toBeGreaterThanOrEqual(Math.min(2, before));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("does not begin with a population that somebody changed, nor for a review that no campaign lists", async () => {
    const campaign = await openCampaign(world.changeWorker);
    const [review] = await world.changeWorker.changes.about(`campaign-${campaign ?? ""}`);
    const stored = review && world.tables.changes.stored.get(review);
    if (!stored) throw new Error("no review");
    stored.items = stored.items.map((item) => ({ ...item, principalId: adminOf(EVA) }));
    expect(await world.runChange(review)).toMatchObject({ status: "Refused", closing: { reason: "RecordTampered" } });
    const campaignRow = world.tables.changes.frozenRows.get(campaign ?? review);
    const own = await world.askFor(EVA, { ...(stored.change.body as { kind: "review" } & object), items: 1 } as never, [
      anItem(ADA),
    ]);
    // Lists it in the campaign as the worker would, but for the seal.
    const header = JSON.parse(campaignRow?.body ?? "{}") as { reviews: { id: string }[] };
    header.reviews = header.reviews.map((one) => ({ ...one, id: own }));
    world.tables.changes.frozenRows.set(campaign ?? review, {
      body: JSON.stringify(header),
      mac: campaignRow?.mac ?? "",
    });
    expect(await world.runChange(own)).toMatchObject({ status: "Refused", closing: { reason: "RecordTampered" } });
  });
});

describe("what follows from answers", () => {
  const who = fc.constantFrom("ada", "cora", "dev").map((key) => key as Person["key"]);
  const choice = fc.constantFrom("keep" as const, "shorten" as const, "remove" as const);
  const said = fc.array(fc.record({ person: who, answer: fc.record({ choice, reason: fc.string() }) }));

  it("is removal where anybody else says so, never one's own word, and never for break-glass", () => {
    fc.assert(
      fc.property(said, who, fc.boolean(), (answers, subject, isBreakGlass) => {
        const { verdict } = decideReview(answers, { person: subject, isBreakGlass }, "keep");
        const others = answers.filter(({ person }) => person !== subject);
        const expected =
          isBreakGlass || others.length === 0
            ? "keep"
            : others.some(({ answer: one }) => one.choice === "remove")
              ? "remove"
              : undefined;
        if (expected !== undefined) expect(verdict).toBe(expected);
        else expect(verdict).not.toBe("remove");
      }),
    );
  });
});

describe("a campaign whose worker is killed", () => {
  async function story(crash: Crash): Promise<ChangeWorld> {
    const here = await aReviewedWorld(REVIEWS, [ADA, CORA]);
    const { changeWorker } = here;
    const { store, audit, directory, posture, eligibility, notifier, changes } = changeWorker;
    Object.assign(changeWorker, {
      store: crash.guard(store),
      audit: crash.guard(audit),
      directory: crash.guard(directory),
      posture: crash.guard(posture),
      eligibility: crash.guard(eligibility),
      notifier: crash.guard(notifier),
      changes: crash.guard(changes),
    });
    const again = async <T>(work: () => Promise<T>): Promise<T> => work().catch(() => work());
    const campaign = await again(() => openCampaign(changeWorker));
    const [review] = await here.tables.changes.about(`campaign-${campaign ?? ""}`);
    if (!campaign || !review) throw new Error("no campaign");
    await here.runChange(review);
    await answer(
      review,
      EVA,
      [
        [ADA, "keep"],
        [CORA, "remove"],
      ],
      here,
    );
    await here.runChange(review);
    await deadline(review, here);
    await again(() => closeCampaign(changeWorker, campaign));
    return here;
  }

  function flaws(here: ChangeWorld): readonly string[] {
    const found: string[] = [];
    if (eligibleNow(here).join() !== adminOf(ADA)) found.push(`eligible: ${eligibleNow(here).join()}`);
    if (here.directory.journal.length !== 1) found.push(`wrote ${here.directory.journal.join()}`);
    const over = [...here.tables.changes.stored.values()].map(({ row }) => row?.state.status);
    if (over.some((status) => status !== "Done")) found.push(`ended as ${over.join()}`);
    const closed = [...here.tables.chains.values()].flat().filter(({ type }) => type === "CampaignClosed");
    if (closed.length !== 1) found.push(`closed ${closed.length} times`);
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
