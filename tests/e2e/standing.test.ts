import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ACCOUNTS, adminId, APPS, dailyId, GROUPS, ROLES } from "../../local/seed.ts";
import type { PostureView, StandingPlanView } from "../../shared/contracts/standing.ts";
import { emptyFolder, runZs, type ZsResult } from "../support/run-zs.ts";
import { useStack } from "../support/stack.ts";

const DEV = 4; // in the identity team
const HUGO = 8;

describe("standing access, through zs and the app", () => {
  const stack = useStack();
  const directory = emptyFolder();

  async function zs(n: number, ...words: string[]): Promise<ZsResult> {
    const token = (await stack().call("login", "mint", { oid: dailyId(n) })) as string;
    return runZs(words, { directory, env: { ZS_API_URL: stack().addresses.app, ZS_ACCESS_TOKEN: token } });
  }

  async function json<T>(...words: string[]): Promise<T> {
    const { exitCode, stdout, stderr } = await zs(DEV, ...words, "--json");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return JSON.parse(stdout) as T;
  }

  const stand = (principalId: string, role: keyof typeof ROLES, more = {}): Promise<unknown> =>
    stack().call("graph", "addAssignment", { principalId, roleDefinitionId: ROLES[role][0], ...more });

  it("names everything that stands, what becomes of it and why", async () => {
    await stand(adminId(8), "exchangeAdministrator");
    await stand(GROUPS.directoryOwners, "securityReader");
    await stand(APPS.daemon.objectId, "globalReader");
    await stand(ACCOUNTS.guest, "securityReader");
    await stand(ACCOUNTS.disabled, "helpdeskAdministrator");
    await stand(adminId(11), "intuneAdministrator");
    await stand(adminId(3), "securityAdministrator", { durationMs: 86_400_000, how: "admin" });
    const { items, preflight } = await json<StandingPlanView>(
      "standing",
      "plan",
      "--out",
      join(directory, "plan.yaml"),
    );
    expect(preflight.map(({ ok }) => ok)).toEqual([true, true]);
    expect(items.map(({ wave, action, reason, holder }) => `${wave} ${action} ${reason} ${holder}`)).toEqual([
      "1 left BreakGlass Break Glass 1",
      "1 left BreakGlass Break Glass 2",
      "1 convert Convert Liam Dorsey",
      "3 blocked RoleNotBrokered Kira Sato",
      "3 blocked AccountDisabled Former Colleague (admin)",
      "3 left HeldByGroup Directory owners",
      "3 blocked PersonUnknown Guest of Partner",
      "3 convert Convert Dev Patel",
      "3 left ServicePrincipal zero-standing-daemon",
      "4 convert Convert Hugo Brandt",
    ]);
    expect(items.find(({ holder }) => holder === "Hugo Brandt")).toMatchObject({ eligible: true, eligibleFor: "" });
    expect(items.find(({ holder }) => holder === "Liam Dorsey")).toMatchObject({
      eligible: false,
      eligibleFor: "P365D",
    });
  });

  it("counts every role, and names the holders that a count of persons leaves out", async () => {
    const page = join(directory, "posture.html");
    const view = await json<PostureView>(
      "standing",
      "report",
      "--before",
      join(directory, "plan.yaml"),
      "--html",
      page,
    );
    expect(view.roles[0]).toMatchObject({ role: "Global Administrator", standing: 3, eligible: 3, activeNow: 0 });
    expect(view.roles.find(({ role }) => role === "Security Administrator")).toMatchObject({ timeBoundOutside: 1 });
    expect(view.groups).toMatchObject([{ holder: "Directory owners", members: ["Dev Patel", "Hugo Brandt"] }]);
    expect(view.servicePrincipals).toMatchObject([{ holder: "zero-standing-daemon", how: "standing" }]);
    expect(view.guests.map(({ how }) => how)).toEqual(["standing", "eligible"]);
    expect(readFileSync(page, "utf8")).toContain("<svg");
  });

  it("is for the identity team only", async () => {
    expect(await zs(HUGO, "standing", "plan")).toMatchObject({ exitCode: 1, stderr: "zs: You may not do this.\n" });
    expect(await zs(HUGO, "standing", "report")).toMatchObject({ exitCode: 1 });
  });
});
