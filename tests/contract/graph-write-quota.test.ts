import { describe, expect, it } from "vitest";
import { setClock } from "../../local/clock.ts";
import { adminId, dailyId, ROLES } from "../../local/seed.ts";
import { openCampaign } from "../../functions/review/open-campaign.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createEligibilityDirectory } from "../../shared/adapters/graph/posture-directory.ts";
import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import { DAY_MS, msOf, plus } from "../../shared/domain/time.ts";
import type { ChangeState } from "../../shared/domain/change.ts";
import type { WritePace } from "../../shared/ports/write-pace.ts";
import { aUser, ChangeWorld } from "../support/change-world.ts";
import { codeOf, pass, tenantOfItsOwn } from "../support/graph-requests.ts";
import { aRole } from "../support/memory-world.ts";
import { REVIEWED } from "../support/reviewed-world.ts";

describe("the directory's quota of writes", () => {
  const directory = tenantOfItsOwn();
  const write = (caller = "all") => directory().post(`/users/${dailyId(1)}/revokeSignInSessions`, undefined, caller);

  it("is counted for each app in 150 seconds, and says when there is room", async () => {
    directory().control("settings", { writesOfApp: 3 });
    await write();
    pass(100_000);
    expect([(await write()).status, (await write()).status]).toEqual([200, 200]);
    const refused = await write();
    expect([refused.status, codeOf(refused), refused.headers.get("retry-after")]).toEqual([
      429,
      "TooManyRequests",
      "50",
    ]);
    expect((await directory().get(`/users/${dailyId(1)}`)).status).toBe(200);
    expect((await directory().get(`/users/${dailyId(1)}`, "worker")).status).toBe(200);
    pass(50_000);
    expect((await write()).status).toBe(429); // what was refused counted too
    pass(150_000);
    expect((await write()).status).toBe(200);
  });

  it("is counted for all apps together in five minutes", async () => {
    pass(600_000);
    directory().control("settings", { writesOfApp: 3_000, writesOfTenant: 2 });
    await write();
    await write(`user:${adminId(1)}`);
    expect((await write()).headers.get("retry-after")).toBe("300");
    pass(600_000);
    expect((await write()).status).toBe(200);
    directory().control("settings", { writesOfTenant: 18_000 });
  });
});

const ROLES_REVIEWED = [ROLES.helpdeskAdministrator, ROLES.userAdministrator].map(
  ([id]) => id as string as RoleDefinitionId,
);
/** Graph takes 3,000 in 150 seconds; this directory only the half of that which is for bulk work. */
const FOR_BULK = 1_500;
const PEOPLE = 1_700;
const AT_ONCE: WritePace = { take: async (granted, at) => ({ granted, usedUntil: at, again: at }) };

describe("a campaign of whom more are to be removed than Graph takes at once", () => {
  const directory = tenantOfItsOwn();
  const exchanges = () => directory().control("exchanges") as readonly { readonly status: number }[];

  /** Nobody answers; both roles are worked in turns, and the clock moves only where both wait. */
  async function worked(
    world: ChangeWorld,
  ): Promise<{ readonly states: readonly ChangeState[]; readonly refused: number }> {
    const campaign = await openCampaign(world.changeWorker);
    const reviews = campaign ? await world.changeWorker.changes.about(`campaign-${campaign}`) : [];
    for (const review of reviews) await world.runChange(review);
    world.now = plus(world.now, 15 * DAY_MS);
    let refused = 0;
    for (let rounds = 0; rounds < 2_000; rounds += 1) {
      setClock({ mode: "manual", nowMs: msOf(world.now) });
      const states: ChangeState[] = [];
      for (const review of reviews) states.push(await world.runChange(review));
      refused += exchanges().filter(({ status }) => status === 429).length;
      directory().control("clearExchanges");
      const due = states.flatMap((state) => (state.status === "Working" ? [state.notBefore] : [])).toSorted()[0];
      if (due === undefined || refused > 0) return { states, refused };
      world.now = due > world.now ? due : plus(world.now, 1);
    }
    throw new Error("the campaign does not end");
  }

  /** The population is in both: reads are answered from memory, as thousands of them would take the directory minutes. */
  function crowd(): ChangeWorld {
    const world = new ChangeWorld();
    pass(0);
    const { governance, roles } = world.policy;
    if (!governance) throw new Error("no governance");
    const reviews = { ...REVIEWED, from: plus(world.now, -DAY_MS) };
    const more = ROLES_REVIEWED.map((roleDefinitionId) => aRole({ roleDefinitionId, name: roleDefinitionId }));
    world.policy = { ...world.policy, roles: [...roles, ...more], governance: { ...governance, reviews } };
    directory().control("settings", { writesOfApp: FOR_BULK });
    directory().control("addCrowd", { kind: "eligibility", count: PEOPLE, roleDefinitionIds: ROLES_REVIEWED });
    const { rows } = directory().control("state") as {
      readonly rows: readonly { principalId: PrincipalId; roleDefinitionId: RoleDefinitionId; kind: string }[];
    };
    for (const { principalId, roleDefinitionId } of rows.slice(-PEOPLE)) {
      world.directory.principals.set(principalId, aUser(principalId));
      const row = { principalId, roleDefinitionId, directoryScopeId: "/" as DirectoryScopeId };
      world.directory.eligible.push({ ...row, memberType: "Direct", endsAt: undefined });
    }
    const graph = createGraph(directory().url, {
      getToken: () => Promise.resolve({ token: "worker", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
    });
    const overGraph = createEligibilityDirectory(graph);
    const inMemory = world.directory.endEligibility.bind(world.directory);
    world.directory.endEligibility = async (item) => {
      const answer = await overGraph.endEligibility(item, { justification: "a review", correlationId: "c" });
      if (answer.kind === "accepted") await inMemory(item);
      return answer;
    };
    return world;
  }

  it("is never answered 429: it goes at the pace of bulk writes, over both roles together", async () => {
    const world = crowd();
    const { states, refused } = await worked(world);
    expect(refused).toBe(0);
    expect(states.map((state) => state.status)).toEqual(["Done", "Done"]);
  });

  it("would be answered 429 without it", async () => {
    const world = crowd();
    Object.assign(world.changeWorker, { pace: AT_ONCE });
    expect((await worked(world)).refused).toBeGreaterThan(0);
  });
});
