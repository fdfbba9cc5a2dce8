import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AppVisitor, plainText } from "../../local/testing/app-visitor.ts";
import { ACCOUNTS, adminId, APPS, dailyId, GROUPS, LEGACY_SYNC, ROLES } from "../../local/seed.ts";
import { readPlanFile, writePlanFile } from "../../cli/standing/plan-file.ts";
import { planId } from "../../functions/standing/make-plan.ts";
import type { ChangeView, EligibilityView } from "../../shared/contracts/change.ts";
import type { PostureView, StandingPlanView } from "../../shared/contracts/standing.ts";
import { validateExchange, type GraphExchange } from "../support/graph-contract.ts";
import { emptyFolder, runZs, type ZsResult } from "../support/run-zs.ts";
import { useStack } from "../support/stack.ts";

const DEV = 4; // in the identity team
const HUGO = 8;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

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

  /** Of a command that ends with 1 because there is something. */
  const answerOf = async <T>(...words: string[]): Promise<T> =>
    JSON.parse((await zs(DEV, ...words, "--json")).stdout) as T;

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
    expect(preflight.map(({ check, ok }) => `${check} ${ok}`)).toEqual([
      ...["breakGlassStand true", "globalAdministratorsStay true", "licence true", "permissions true"],
    ]);
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
    expect(items.find(({ holder }) => holder === "Hugo Brandt")).toMatchObject({ eligible: true });
    expect(items.find(({ holder }) => holder === "Liam Dorsey")).toMatchObject({
      eligible: false,
      eligibleFor: "P365D",
    });
  });

  it("blocks everything where the tenant has no licence for eligibility", async () => {
    await stack().call("graph", "settings", { servicePlans: ["AAD_PREMIUM"] });
    const blocked = await zs(DEV, "standing", "plan", "--out", join(directory, "unlicensed.yaml"));
    await stack().call("graph", "settings", { servicePlans: ["AAD_PREMIUM", "AAD_PREMIUM_P2"] });
    expect(blocked).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("has Entra ID P2 or ID Governance") as unknown,
    });
  });

  it("counts every role, and names the holders that a count of persons leaves out", async () => {
    const page = join(directory, "posture.html");
    const registration = { id: LEGACY_SYNC.objectId, ownerIds: [dailyId(5)], passwordCredentials: [] };
    await stack().call("graph", "setApp", { id: LEGACY_SYNC.objectId, registration });
    const joins = [{ principalId: dailyId(5), accessId: "owner" }];
    await stack().call("graph", "setGroup", { id: GROUPS.directoryOwners, eligible: joins });
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
    expect(view.groups).toMatchObject([
      { holder: "Directory owners", members: ["Dev Patel", "Hugo Brandt"], eligible: ["Eva Marek (as owner)"] },
    ]);
    expect(view.servicePrincipals).toMatchObject([{ holder: "zero-standing-daemon", how: "standing" }]);
    if (!view.applications.read) throw new Error("applications were not read");
    expect(view.applications.items.map(({ name, own, owners }) => [name, own, owners])).toEqual([
      ["Legacy sync tool", false, ["Nora Dahl"]],
      ["zero-standing-worker", true, []],
      ["zero-standing-daemon", false, []],
    ]);
    expect(view.applications.items.map(({ registrationOwners }) => registrationOwners)).toEqual([
      ["Eva Marek"],
      [],
      [],
    ]);
    if (!view.delegated.read) throw new Error("delegated permissions were not read");
    expect(view.delegated.items).toMatchObject([
      { name: "Legacy sync tool", permissions: ["Directory.AccessAsUser.All"], person: "Nora Dahl" },
    ]);
    expect(view.guests.map(({ how }) => how)).toEqual(["standing", "eligible"]);
    expect(readFileSync(page, "utf8")).toContain("before: 3 standing, 3 eligible, 0 active now, 0 time-bound outside");
    expect(readFileSync(page, "utf8")).toContain("Legacy sync tool");
  });

  it("compares with no plan of another tenant", async () => {
    const elsewhere = join(directory, "elsewhere.yaml");
    const { id: own, ...content } = readPlanFile(join(directory, "plan.yaml"));
    const other = { ...content, tenantId: GROUPS.directoryOwners };
    writePlanFile(elsewhere, { id: planId(other), ...other });
    expect(planId(content)).toBe(own);
    const { exitCode, stderr } = await zs(DEV, "standing", "report", "--before", elsewhere);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: `zs: ${elsewhere} is a plan of another tenant\n` });
  });

  it("still reports where applications may not be read, and says so", async () => {
    await stack().call("graph", "faults", { path: "/servicePrincipals", fault: { kind: "status", status: 403 } });
    const { exitCode, stdout } = await zs(DEV, "standing", "report");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Not read: this system lacks the permission Application.Read.All.");
    expect(stdout).not.toContain("Legacy sync tool:");
    expect(stdout).toContain("Legacy sync tool, for Nora Dahl: Directory.AccessAsUser.All");
  });

  it("still reports where delegated permissions may not be read, and says so", async () => {
    await stack().call("graph", "faults", {
      path: "/oauth2PermissionGrants",
      fault: { kind: "status", status: 403 },
    });
    const { exitCode, stdout } = await zs(DEV, "standing", "report");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Not read: this system lacks the permission DelegatedPermissionGrant.Read.All");
    expect(stdout).toContain("Legacy sync tool: permissions:");
  });

  /** The newest link of a mail to a person. */
  async function linkTo(person: string): Promise<string> {
    const mails = (await stack().call("mailbox", "messages", { to: `${person}@contoso.example` })) as {
      content: string;
    }[];
    const links = mails.flatMap(({ content }) => /http[^"]*\/api\/l\/[A-Za-z0-9_-]+/.exec(content)?.[0] ?? []);
    return links.at(-1) ?? "";
  }

  async function answerAs(person: string, choice: string, fields = {}): Promise<void> {
    const visitor = new AppVisitor(`${person}@contoso.example`);
    const shown = await visitor.choose(await visitor.open(await linkTo(person)), "signIn");
    await visitor.choose(shown, choice, fields);
    await stack().settle();
  }

  const rows = async (): Promise<string[]> => {
    const { rows: all } = (await stack().call("graph", "state")) as {
      rows: {
        kind: string;
        principalId: string;
        roleDefinitionId: string;
        endsAt: number | null;
        removedAt: number | null;
      }[];
    };
    return all
      .filter(({ removedAt, principalId }) => removedAt === null && principalId === adminId(12))
      .filter(({ roleDefinitionId }) => roleDefinitionId === ROLES.globalAdministrator[0])
      .map(({ kind, endsAt }) => `${kind} ${endsAt === null ? "for ever" : "until an end"}`);
  };

  const plan = join(directory, "plan.yaml");
  const execute = ["--execute", "--because", "no standing Global Administrators", "--no-wait"];

  it("only says what a wave would do, unless it is told to", async () => {
    const preview = await zs(DEV, "standing", "apply", plan, "--wave", "1");
    expect(preview).toMatchObject({ exitCode: 0, stderr: "" });
    expect(preview.stdout).toContain("Wave 1: 1 would become eligible");
    expect(await rows()).toEqual(["assignment for ever"]);
  });

  it("refuses waves out of order", async () => {
    const result = await zs(DEV, "standing", "apply", plan, "--wave", "4", ...execute);
    expect(result).toMatchObject({ exitCode: 1 });
    expect(result.stderr).toContain("An earlier wave has to be converted first");
  });

  it("converts the top wave once who asked and a second person signed in for it", async () => {
    const asked = await json<ChangeView>("standing", "apply", plan, "--wave", "1", ...execute);
    await stack().settle();
    expect(await rows()).toEqual(["assignment for ever"]);
    await answerAs("dev.patel", "confirm");
    expect(await rows()).toEqual(["assignment for ever"]);
    await answerAs("cora.lindt", "approve");
    expect(await rows()).toEqual(["eligibility until an end"]);
    const token = (await stack().call("login", "mint", { oid: dailyId(DEV) })) as string;
    const response = await fetch(`${stack().addresses.app}/api/changes/${asked.id}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toMatchObject({ status: "Done", done: 1, total: 1 });
  });

  it("puts back what the wave changed, with a second person, through ten minutes of a directory that says 429", async () => {
    await json<ChangeView>("standing", "rollback", plan, "--wave", "1", ...execute);
    await stack().settle();
    await answerAs("dev.patel", "confirm");
    const busy = { kind: "status", status: 429, headers: { "retry-after": "30" } };
    const path = "roleManagement/directory";
    await stack().call("graph", "faults", { path, times: 1e6, fault: busy });
    await answerAs("cora.lindt", "approve");
    await stack().clock.advance(5 * 60_000);
    await stack().call("graph", "clearFaults");
    await stack().call("graph", "faults", { method: "POST", path, times: 1e6, fault: busy }); // now it shows how things are
    await stack().clock.advance(5 * 60_000);
    await stack().settle();
    expect(await rows()).toEqual(["eligibility until an end"]);
    await stack().call("graph", "clearFaults");
    await stack().clock.advance(6 * 60_000);
    await stack().settle();
    expect(await rows()).toEqual(["assignment for ever"]);
    expect(await zs(DEV, "standing", "rollback", plan, "--wave", "1")).toMatchObject({
      exitCode: 1,
      stderr: "zs: There is nothing to change. (nothing of this wave is converted)\n",
    });
  });

  it("lets who asked take it back, and nobody else, with zs and on its page", async () => {
    const words = ["Security Reader", "--for", "hugo.brandt", "--days", "30", "--because", "a mistake", "--no-wait"];
    const { id } = await json<ChangeView>("eligibility", "add", ...words);
    await stack().settle();
    expect(await zs(HUGO, "withdraw", id)).toMatchObject({ exitCode: 1 });
    expect(await zs(DEV, "withdraw", id)).toMatchObject({ exitCode: 0 });
    await stack().settle();
    expect(await zs(DEV, "withdraw", id)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("it is over") as unknown,
    });
    const other = await json<ChangeView>("eligibility", "add", ...words);
    await stack().settle();
    const dev = new AppVisitor("dev.patel@contoso.example");
    const page = await dev.choose(await dev.open(`${stack().addresses.app}/api/c/${other.id}`), "signIn");
    await dev.choose(page, "withdraw");
    await stack().settle();
    const shown = plainText((await dev.open(`${stack().addresses.app}/api/c/${other.id}`)).text);
    expect(shown).toContain("Stopped The person withdrew the request.");
    const { eligibilities } = await json<{ eligibilities: EligibilityView[] }>(
      "eligibility",
      "list",
      "--person",
      "hugo.brandt",
    );
    expect(eligibilities.map(({ role }) => role)).not.toContain("Security Reader");
  });

  it("makes somebody eligible for as long as was asked, and shows it", async () => {
    const words = [
      "Security Reader",
      "--for",
      "hugo.brandt",
      "--days",
      "90",
      "--because",
      "reads the reports",
      "--no-wait",
    ];
    await json<ChangeView>("eligibility", "add", ...words);
    await stack().settle();
    await answerAs("dev.patel", "confirm");
    await answerAs("cora.lindt", "approve");
    const { eligibilities } = await json<{ eligibilities: EligibilityView[] }>(
      "eligibility",
      "list",
      "--person",
      "hugo.brandt",
    );
    const until = new Date(stack().clock.now() + 90 * DAY_MS).toISOString().slice(0, 10);
    expect(eligibilities.map(({ role, until: end }) => `${role} ${end?.slice(0, 10) ?? "no end"}`)).toContain(
      `Security Reader ${until}`,
    );
    const again = await zs(DEV, "eligibility", "add", ...words);
    expect(again).toMatchObject({ exitCode: 0 }); // asked for; the worker refuses it
    await stack().settle();
    const mails = (await stack().call("mailbox", "messages", { to: "dev.patel@contoso.example" })) as {
      subject: string;
      content: string;
    }[];
    expect(mails.at(-1)?.content).toContain("eligible for this role at this scope already");
  });

  it("shows owners who is eligible on a page, and takes what they ask there", async () => {
    const dev = new AppVisitor("dev.patel@contoso.example");
    const shown = await dev.choose(await dev.open(`${stack().addresses.app}/api/e`), "signIn");
    expect(plainText(shown.text)).toContain("Security Reader Hugo Brandt The whole tenant");
    const fields = {
      action: "remove",
      holder: "hugo.brandt",
      role: "Security Reader",
      scope: "/",
      because: "not needed",
    };
    const change = await dev.choose(shown, "ask", fields);
    expect(change.url).toContain("/api/c/");
    await stack().settle();
    await answerAs("dev.patel", "confirm");
    const { eligibilities } = await json<{ eligibilities: EligibilityView[] }>(
      "eligibility",
      "list",
      "--person",
      "hugo.brandt",
    );
    expect(eligibilities.map(({ role }) => role)).not.toContain("Security Reader");
    const grace = new AppVisitor("grace.oduya@contoso.example");
    const hidden = await grace.choose(await grace.open(`${stack().addresses.app}/api/e`), "signIn");
    expect(hidden.status).toBe(404);
  });

  it("takes eligibility from a disabled account within a day also where the directory answers nothing at one look", async () => {
    const held = async (): Promise<readonly string[]> => {
      const { eligibilities } = await json<{ eligibilities: EligibilityView[] }>("eligibility", "list");
      return eligibilities.map(({ principalId }) => principalId);
    };
    const unread = { kind: "status", status: 403 };
    await stack().call("graph", "faults", { path: "roleEligibilityScheduleInstances", times: 1e6, fault: unread });
    await stack().clock.advance(DAY_MS / 4);
    await stack().call("graph", "clearFaults");
    expect(await held()).toContain(ACCOUNTS.disabled);
    await stack().clock.advance(DAY_MS / 4);
    await stack().settle();
    expect(await held()).not.toContain(ACCOUNTS.disabled);
  });

  it("finds every day what is not as the policy wants it, and takes eligibility from disabled accounts", async () => {
    await stack().call("graph", "addSignIn", { userId: ACCOUNTS.breakGlass1 });
    const natively = { principalId: adminId(1), roleDefinitionId: ROLES.userAdministrator[0], how: "selfActivated" };
    const why = { justification: "rotate a key", ticketNumber: "CHG0030192", ticketSystem: "ServiceNow" };
    await stack().call("graph", "addAssignment", { ...natively, ...why, durationMs: HOUR_MS });
    await stack().call("graph", "addAssignment", { ...natively, durationMs: 8 * HOUR_MS });
    await stack().clock.advance(DAY_MS);
    await stack().settle();
    await stack().clock.advance(6 * 60_000); // what stands is named by now, and not twice
    await stack().settle();
    const { exitCode, stdout } = await zs(DEV, "findings", "--json");
    const { findings } = JSON.parse(stdout) as { findings: { kind: string; text: string }[] };
    expect(exitCode).toBe(1);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(
      new Set([
        "standing",
        "setting",
        "endlessEligibility",
        "breakGlassSignIn",
        "nativeActivation",
        "foreignAssignment",
      ]),
    );
    const foreign = findings.filter(({ kind }) => kind === "foreignAssignment").map(({ text }) => text.split(" ")[0]);
    expect(foreign.toSorted()).toEqual([GROUPS.directoryOwners, APPS.daemon.objectId].toSorted()); // whom no plan converts
    const native = findings.filter(({ kind }) => kind === "nativeActivation");
    expect(native.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Ada Byron activated User Administrator at \/ for 8 h on .* It names no ticket\./),
    ]);
    expect(findings.map(({ text }) => text)).toContain("Liam Dorsey holds Global Administrator at / permanently.");
    const check = await zs(DEV, "policy", "check");
    expect(check).toMatchObject({ exitCode: 1, stderr: "" });
    expect(check.stdout).toContain("Approval_EndUser_Assignment");
    const { eligibilities } = await json<{ eligibilities: EligibilityView[] }>("eligibility", "list");
    expect(eligibilities.map(({ principalId }) => principalId)).not.toContain(ACCOUNTS.disabled);
  });

  it("sets role settings to the baseline, opens and closes the native door, and takes it all back", async () => {
    const agreed = async (...words: string[]): Promise<ChangeView> => {
      const asked = await json<ChangeView>(...words, "--execute", "--because", "the baseline", "--no-wait");
      await stack().settle();
      await answerAs("dev.patel", "confirm");
      await answerAs("cora.lindt", "approve");
      return asked;
    };
    const preview = await zs(DEV, "policy", "apply");
    expect(preview.stdout).toContain("Nothing was done");
    expect(preview.stdout).toContain(
      "Global Administrator, Expiration_EndUser_Assignment: an end after at most PT8H becomes an end after at most PT2H",
    );
    expect((await zs(DEV, "policy", "check")).exitCode).toBe(1);
    const applied = await agreed("policy", "apply");
    expect(await zs(DEV, "policy", "check")).toMatchObject({
      exitCode: 0,
      stdout:
        "The settings of all 9 roles are as the policy wants them.\n" +
        "Conditional Access behind their authentication contexts is as it must be.\n",
    });
    await stack().call("graph", "setAccessPolicy", { changes: { state: "enabledForReportingButNotEnforced" } });
    expect(await zs(DEV, "policy", "check")).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("authentication context c1: no policy that names it is on") as unknown,
    });
    await stack().call("graph", "setAccessPolicy", { changes: { state: "enabled" } });
    const stranger = { groupId: GROUPS.breakGlassAccounts, memberId: dailyId(HUGO) };
    await stack().call("graph", "addMember", stranger);
    expect(await zs(DEV, "policy", "check")).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("holds Hugo Brandt, which is no break-glass account of the policy.") as unknown,
    });
    await stack().call("graph", "removeMember", stranger);
    await agreed("policy", "native", "open");
    const open = await answerOf<{ differences: { rule: string }[] }>("policy", "check");
    expect(new Set(open.differences.map(({ rule }) => rule))).toEqual(new Set(["Approval_EndUser_Assignment"]));
    await agreed("policy", "native", "close");
    expect((await zs(DEV, "policy", "check")).exitCode).toBe(0);
    const undo = ["policy", "undo", applied.id, "--because", "the baseline"];
    const wayBack = await json<{ rules: { role: string; rule: string; text: string }[] }>(...undo);
    expect(wayBack.rules).toContainEqual({
      role: "Global Administrator",
      rule: "Expiration_EndUser_Assignment",
      text: "Global Administrator, Expiration_EndUser_Assignment: an end after at most PT2H becomes an end after at most PT8H",
    });
    const unknown = await zs(DEV, "policy", "undo", "0".repeat(32), "--because", "the baseline");
    expect(unknown).toMatchObject({ exitCode: 1, stderr: "zs: There is no such thing, or you may not see it.\n" });
    await agreed("policy", "undo", applied.id);
    expect((await zs(DEV, ...undo)).stdout).toBe("No rule would be set.\n");
    const back = await answerOf<{ differences: { rule: string }[] }>("policy", "check");
    expect(back.differences.length).toBeGreaterThan(9);
  });

  it("asks Graph only for what Graph documents", async () => {
    const exchanges = (await stack().call("graph", "exchanges")) as GraphExchange[];
    expect(exchanges.length).toBeGreaterThan(50);
    expect(exchanges.flatMap(validateExchange)).toEqual([]);
  });

  it("is for the identity team only", async () => {
    expect(await zs(HUGO, "standing", "plan")).toMatchObject({ exitCode: 1, stderr: "zs: You may not do this.\n" });
    expect(await zs(HUGO, "standing", "report")).toMatchObject({ exitCode: 1 });
  });
});
