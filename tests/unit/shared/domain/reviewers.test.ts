import { describe, expect, it } from "vitest";
import type { PrincipalId } from "../../../../shared/domain/ids.ts";
import { peopleMap } from "../../../../shared/domain/people.ts";
import { isSilent, managerWhoAnswers, mayAnswer, planReviewers } from "../../../../shared/domain/reviewers.ts";
import { aUser } from "../../../support/change-world.ts";
import { ADA, CORA, DEV, EVA } from "../../../support/memory-world.ts";

describe("the manager who answers", () => {
  const people = peopleMap([ADA, CORA, DEV, EVA]);
  const manager = aUser(CORA.dailyAccount);

  it("is an enabled member and a known person", () => {
    expect(managerWhoAnswers(ADA.key, manager, people)).toBe(CORA.key);
  });

  it.each([
    ["there is none", undefined],
    ["is disabled", { ...manager, enabled: false }],
    ["is a guest", { ...manager, guest: true }],
    ["is the reviewed person under another account", aUser(ADA.dailyAccount)],
    ["is nobody we know", aUser("99999999-0000-4000-8000-000000000099" as PrincipalId)],
  ])("is nobody where the manager %s", (_why, found) => {
    expect(managerWhoAnswers(ADA.key, found, people)).toBeUndefined();
  });
});

describe("who is asked in a review", () => {
  const named = { others: [DEV, EVA], backups: [CORA] };

  it("is every reviewer for everybody, where managers are not asked", () => {
    expect(planReviewers(named, undefined, true)).toMatchObject([
      { slot: 1, person: DEV.key, backup: false },
      { slot: 2, person: EVA.key, backup: false },
      { slot: 3, person: CORA.key, backup: true },
    ]);
    expect(planReviewers(named, undefined, true).filter(({ answersFor }) => answersFor)).toEqual([]);
  });

  it("is the managers for their own people, and the others only where somebody has no manager", () => {
    const shares = (hasOthers: boolean): unknown =>
      planReviewers(named, [CORA, DEV], hasOthers).map(({ person, answersFor, backup }) => [
        person,
        answersFor,
        backup,
      ]);
    expect(shares(true)).toEqual([
      [DEV.key, "both", false],
      [EVA.key, "others", false],
      [CORA.key, "ownPeople", false],
      [CORA.key, undefined, true],
    ]);
    expect(shares(false)).toEqual([
      [CORA.key, "ownPeople", false],
      [DEV.key, "ownPeople", false],
      [CORA.key, undefined, true],
    ]);
  });

  it("is silent while one manager, or all of the others, signed nothing", () => {
    const asked = planReviewers({ others: [DEV, EVA], backups: [] }, [CORA], true); // 1 Dev, 2 Eva, 3 Cora
    expect(isSilent(asked, new Set([1, 2]))).toBe(true);
    expect(isSilent(asked, new Set([3]))).toBe(true);
    expect(isSilent(asked, new Set([2, 3]))).toBe(false);
  });
});

describe("whose answer counts", () => {
  const by = (person: typeof DEV, answersFor?: "ownPeople" | "others" | "both") => ({
    slot: 1,
    person: person.key,
    account: person.dailyAccount,
    backup: false,
    ...(answersFor && { answersFor }),
  });
  const managed = { person: ADA.key, manager: CORA.key };
  const alone = { person: ADA.key };

  it.each([
    ["a manager's about their own person", by(CORA, "ownPeople"), managed, true],
    ["a manager's about somebody else's person", by(DEV, "ownPeople"), managed, false],
    ["a manager's about somebody without a manager", by(CORA, "ownPeople"), alone, false],
    ["another reviewer's about somebody who has a manager", by(DEV, "others"), managed, false],
    ["another reviewer's about somebody without one", by(DEV, "others"), alone, true],
    ["who stands in for all, about anybody", by(DEV), managed, true],
    ["one's own", by(ADA), managed, false],
    ["one's own, as one's own manager", by(ADA, "both"), { person: ADA.key, manager: ADA.key }, false],
  ])("%s", (_whose, reviewer, item, counts) => {
    expect(mayAnswer(reviewer, item)).toBe(counts);
  });
});
