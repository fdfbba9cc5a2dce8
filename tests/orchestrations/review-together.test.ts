import { beforeEach, describe, expect, it } from "vitest";
import { openCampaign } from "../../functions/review/open-campaign.ts";
import type { ChangeId, ChangeState } from "../../shared/domain/change.ts";
import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import { DAY_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { aUser, ChangeWorld } from "../support/change-world.ts";
import { Crash } from "../support/crash.ts";
import { NO_ANSWER, refusedWith, START } from "../support/memory-directory.ts";
import { aRole } from "../support/memory-world.ts";
import { REVIEWED } from "../support/reviewed-world.ts";

const HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8" as RoleDefinitionId;
const EVERYBODY = Array.from(
  { length: 45 },
  (_, n) => `00000000-0000-4000-8000-${String(n + 2_000).padStart(12, "0")}` as PrincipalId,
);

let world: ChangeWorld;
/** How many were looked at with each request for rows. */
let looks: number[];
beforeEach(() => enter(EVERYBODY));

/** A world where these are eligible for a role that is no Global Administrator. */
function enter(everybody: readonly PrincipalId[]): void {
  world = new ChangeWorld();
  const { governance, roles } = world.policy;
  if (!governance) throw new Error("no governance");
  const helpdesk = aRole({ roleDefinitionId: HELPDESK, name: "Helpdesk Administrator" });
  world.policy = { ...world.policy, roles: [...roles, helpdesk], governance: { ...governance, reviews: REVIEWED } };
  world.directory.roles.set(HELPDESK, { id: HELPDESK, name: "Helpdesk Administrator", builtIn: true });
  for (const principalId of everybody) {
    world.directory.principals.set(principalId, aUser(principalId));
    const row = { principalId, roleDefinitionId: HELPDESK, directoryScopeId: "/" as DirectoryScopeId };
    world.directory.eligible.push({ ...row, memberType: "Direct", endsAt: plus(START, 365 * DAY_MS) });
  }
  looks = [];
  const { looks: answered } = world.directory;
  world.directory.looks = (wanted) => {
    looks.push(wanted.length);
    return answered(wanted);
  };
}

/** Nobody answers, and the deadline comes. */
async function reviewed(): Promise<{ readonly review: ChangeId; readonly state: ChangeState }> {
  const campaign = await openCampaign(world.changeWorker);
  const [review] = campaign ? await world.changeWorker.changes.about(`campaign-${campaign}`) : [];
  if (!review) throw new Error("no review");
  await world.runChange(review);
  world.now = plus(world.now, 15 * DAY_MS);
  return { review, state: await world.runOn(review) };
}

const left = (): readonly string[] => world.directory.eligible.map(({ principalId }) => principalId);

describe("the outcome of a review", () => {
  it("is worked twenty at a time: looked at together, removed one after the other, read back together", async () => {
    expect((await reviewed()).state).toMatchObject({ status: "Done", done: 45 });
    expect(left()).toEqual([]);
    expect(looks).toEqual([20, 20, 20, 20, 5, 5]);
  });

  it("waits for one whose role was activated a minute ago, while the others go", async () => {
    const young = EVERYBODY[3] as PrincipalId;
    const startsAt = plus(START, 15 * DAY_MS - MINUTE_MS);
    world.directory.stand(aUser(young), HELPDESK, { startsAt, endsAt: plus(startsAt, DAY_MS) });
    const campaign = await openCampaign(world.changeWorker);
    const [review] = campaign ? await world.changeWorker.changes.about(`campaign-${campaign}`) : [];
    if (!review) throw new Error("no review");
    await world.runChange(review);
    world.now = plus(START, 15 * DAY_MS);
    expect(await world.runChange(review)).toMatchObject({ status: "Working", done: 3 });
    expect(left().slice(0, 2)).toEqual([young, EVERYBODY[20]]);
    expect(await world.runOn(review)).toMatchObject({ status: "Done", done: 45 });
    expect(left()).toEqual([]);
    expect(world.directory.journal.filter((line) => line.includes(young)).map((line) => line.split(" ")[0])).toEqual([
      "-active",
      "-eligible",
    ]);
  });

  it("names one that the directory refuses, removes all others, and comes back to it", async () => {
    world.directory.faults.push(
      {
        effect: true,
        answer: { kind: "accepted", requestId: "r", status: "Revoked", scheduleId: "s", correlationId: "" },
      },
      { effect: false, answer: refusedWith("InvalidScope") },
    );
    const { review, state } = await reviewed();
    expect(state.status).toBe("Done");
    expect(left()).toEqual([]);
    expect(world.directory.journal.at(-1)).toContain(EVERYBODY[1]); // an hour later
    const findings = world.records(review).filter(({ type }) => type === "FindingReported");
    expect(findings.map(({ data }) => data)).toMatchObject([{ finding: "reviewItemFailed", item: 2 }]);
  });

  it("goes on with each alone where the directory rejects what is asked about one of twenty", async () => {
    const { looks: answered } = world.directory;
    world.directory.looks = (wanted) =>
      wanted.some(({ principalId }) => principalId === EVERYBODY[7])
        ? Promise.reject(new DependencyError("Rejected", "Graph GET: 400"))
        : answered(wanted);
    expect((await reviewed()).state).toMatchObject({ status: "Stopped", done: 44, total: 45 });
    expect(left()).toEqual([EVERYBODY[7]]);
  });

  it("sends a removal whose answer was lost no second time", async () => {
    world.directory.faults.push({ effect: true, answer: NO_ANSWER });
    const { review } = await reviewed();
    expect(left()).toEqual([]);
    const attempts = world.records(review).filter(({ type }) => type === "ChangeItemAttempted");
    expect(attempts).toHaveLength(EVERYBODY.length);
  });

  it("is the same wherever the worker dies, before the effect or after it, and nothing is sent twice in vain", async () => {
    const story = async (crash: Crash): Promise<object> => {
      enter(EVERYBODY.slice(0, 3));
      const { changeWorker } = world;
      const { eligibility, changes, audit } = changeWorker;
      const campaign = await openCampaign(changeWorker);
      const [review] = campaign ? await changes.about(`campaign-${campaign}`) : [];
      if (!review) throw new Error("no review");
      await world.runChange(review);
      world.now = plus(world.now, 15 * DAY_MS);
      const guarded = {
        eligibility: crash.guard(eligibility),
        changes: crash.guard(changes),
        audit: crash.guard(audit),
      };
      Object.assign(changeWorker, guarded);
      const state = await world.runOn(review);
      const done = world.recordTypes(review).filter((type) => type === "ChangeItemDone").length;
      return { status: state.status, left: left(), removals: world.directory.journal.length, done };
    };
    const whole = new Crash(0, "before");
    const expected = { status: "Done", left: [], removals: 3, done: 3 };
    expect(await story(whole)).toEqual(expected);
    expect(whole.calls).toBeGreaterThan(15);
    for (const when of ["before", "after"] as const)
      for (let at = 1; at <= whole.calls; at += 1)
        expect({ at, when, ...(await story(new Crash(at, when))) }).toEqual({ at, when, ...expected });
  });
});
