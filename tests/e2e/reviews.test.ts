import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AppVisitor, plainText, type Page } from "../../local/testing/app-visitor.ts";
import { adminId, dailyId, ROLES } from "../../local/seed.ts";
import type { EligibilityView } from "../../shared/contracts/change.ts";
import type { CampaignReport } from "../../shared/contracts/review.ts";
import { validateExchange, type GraphExchange } from "../support/graph-contract.ts";
import { edited } from "../support/policy-text.ts";
import { FIRST_DAY, reviewedPolicy } from "../support/reviewed-policy.ts";
import { reviewLink, roleOnPage } from "../support/review-page.ts";
import { emptyFolder, runZs, type ZsResult } from "../support/run-zs.ts";
import { ADA_GLOBAL, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";

const DEV = 4; // in the identity team, and a reviewer
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

describe("the access review, from its first day to its report", () => {
  const policy = reviewedPolicy();
  const stack = useStack({ settings: { POLICY_DIRECTORY: policy } });
  const directory = emptyFolder();
  const app = (): RunningApp => new RunningApp(stack());

  async function zs(...words: string[]): Promise<ZsResult> {
    const token = (await stack().call("login", "mint", { oid: dailyId(DEV) })) as string;
    return runZs(words, { directory, env: { ZS_API_URL: stack().addresses.app, ZS_ACCESS_TOKEN: token } });
  }

  async function json<T>(...words: string[]): Promise<T> {
    const { exitCode, stdout, stderr } = await zs(...words, "--json");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return JSON.parse(stdout) as T;
  }

  /** Accounts that are eligible for Global Administrator, as the directory has it. */
  const holders = (): Promise<readonly string[]> => app().eligibleFor(ROLES.globalAdministrator[0]);

  const visitors = new Map<string, AppVisitor>();
  /** The page that the newest mail about the review leads to, signed in. */
  async function page(person: string): Promise<Page> {
    const link = reviewLink(await app().mails(`${person}@contoso.example`));
    const visitor = visitors.get(person) ?? new AppVisitor(`${person}@contoso.example`);
    visitors.set(person, visitor);
    const shown = await visitor.open(link);
    return shown.forms.some((form) => form.fields["choice"] === "signIn") ? visitor.choose(shown, "signIn") : shown;
  }

  /** Posts the only form of the page, as one of its buttons does. */
  async function press(
    person: string,
    shown: Page,
    choice: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<Page> {
    const [form] = shown.forms;
    if (!form) throw new Error(plainText(shown.text));
    const pressed = { ...shown, forms: [{ ...form, fields: { ...form.fields, choice } }] };
    const next = await (visitors.get(person) ?? new AppVisitor(person)).choose(pressed, choice, fields);
    await stack().settle();
    return next;
  }

  it("opens on its day, once, and shows reviewers who used what", async () => {
    await stack().clock.advance(Date.parse(FIRST_DAY) - stack().clock.now() - DAY_MS);
    await app().hold(ADA_GLOBAL);
    await stack().clock.advance(HOUR_MS);
    const activity = { byId: adminId(1), activityDisplayName: "Reset user password", category: "UserManagement" };
    await stack().call("graph", "addActivity", activity);
    await stack().call("graph", "settings", { mailsOfMailbox: 1 }); // Exchange takes 30 in a minute
    await stack().clock.advance(Date.parse(FIRST_DAY) - stack().clock.now() + HOUR_MS);
    await stack().settle();
    await stack().clock.advance(2 * HOUR_MS);
    await stack().settle();
    await stack().call("graph", "settings", { mailsOfMailbox: 1e6 });
    const asking = (await app().mails()).filter(({ subject }) => subject.startsWith("Access review:"));
    const asked = asking.flatMap(({ to }) => to).map((address) => address.split("@")[0]);
    expect(asked.toSorted()).toEqual(["ada.byron", "cora.lindt", "dev.patel", "hugo.brandt"]);
    expect(new Set(asking.map(({ at }) => at.slice(0, "2027-01-04T00:00".length))).size).toBe(4); // one in a minute
    const { campaigns } = await json<{ campaigns: { id: string; status: string }[] }>("review", "list");
    expect(campaigns).toHaveLength(1);
    const shown = await page("cora.lindt");
    const { words } = roleOnPage(shown.text, "Global Administrator");
    expect(words).toMatch(/Ada Byron The whole tenant, since [-\d]+ 1 activation, 2 hours, last on 20/);
    expect(words).toMatch(/\(CHG\d+\)\. Done in the directory: Reset user password \(1\) \(read on [-\d]+\)\./);
    expect(words).toMatch(/Hugo Brandt The whole tenant, since [-\d]+ Never used in this period. Recommended: remove/);
  });

  it("wants a reason for keeping what was never used, and keeps answers as they go", async () => {
    const shown = await page("cora.lindt");
    const rows = roleOnPage(shown.text, "Global Administrator").keys;
    expect(rows).toHaveLength(3); // Ada, Dev, Hugo
    const refused = await press("cora.lindt", shown, "save", { [`c${rows[2]}`]: "keep" });
    expect(plainText(refused.text)).toContain("a reason is missing for keeping what was never used: Hugo Brandt");
    const kept = await press("cora.lindt", refused, "save", {
      [`c${rows[0]}`]: "keep",
      [`c${rows[1]}`]: "shorten",
      [`r${rows[1]}`]: "leaves the team",
    });
    expect(plainText(kept.text)).toContain("Global Administrator : 2 of 3 answered");
    const again = await page("cora.lindt");
    expect(plainText(again.text)).toContain("Global Administrator : 2 of 3 answered");
  });

  it("counts what is signed, and applies it after the deadline, through ten minutes of a directory that says 429", async () => {
    const shown = await page("cora.lindt");
    const signed = await press("cora.lindt", shown, "sign", {});
    expect(signed.url).toMatch(/\/api\/l\/[\w-]+\?signed$/);
    const receipt = plainText((await (visitors.get("cora.lindt") ?? new AppVisitor("")).open(signed.url)).text);
    expect(receipt).toMatch(
      /Signed Everything that you answered counts\. .*Global Administrator 2 of 3 answered, signed on/,
    );
    expect(plainText((await page("cora.lindt")).text)).toContain("You signed on ");
    await stack().clock.advance(Date.parse(FIRST_DAY) + 14 * DAY_MS - stack().clock.now());
    await stack().settle();
    const before = await holders();
    const busy = { kind: "status", status: 429, headers: { "retry-after": "30" } };
    await stack().call("graph", "faults", { path: "roleManagement/directory", times: 1e6, fault: busy });
    await stack().clock.advance(HOUR_MS + 10 * MINUTE_MS); // the deadline is within the hour
    await stack().settle();
    expect(before).toContain(adminId(8));
    expect(await holders()).toEqual(before);
    await stack().call("graph", "clearFaults");
    await stack().clock.advance(HOUR_MS);
    await stack().settle();
    const { eligibilities } = await json<{ eligibilities: EligibilityView[] }>(
      "eligibility",
      "list",
      "--role",
      "Global Administrator",
    );
    const until = new Map(eligibilities.map((one) => [one.principalId, one.until]));
    expect([...until.keys()].toSorted()).toEqual([adminId(1), adminId(4)]);
    expect(until.get(adminId(1))).toBeNull();
    expect(Date.parse(until.get(adminId(4)) ?? "")).toBeLessThan(stack().clock.now() + 31 * DAY_MS);
  });

  it("reports population, decisions and reasons, as text, CSV and a page", async () => {
    const { campaigns } = await json<{ campaigns: { id: string; status: string }[] }>("review", "list");
    const [campaign] = campaigns;
    expect(campaign?.status).toBe("Done");
    const files = ["--csv", join(directory, "review.csv"), "--html", join(directory, "review.html")];
    const report = await json<CampaignReport>("review", "show", campaign?.id ?? "", ...files);
    const global = report.items.filter(({ role }) => role === "Global Administrator");
    expect(global.map(({ holder, verdict, by, why, done }) => `${holder}: ${verdict} ${by} ${why} ${done}`)).toEqual([
      "Ada Byron: keep Cora Lindt  true",
      "Dev Patel: shorten Cora Lindt leaves the team true",
      "Hugo Brandt: remove  nobody answered true",
    ]);
    for (const { readBackAt, record } of global) {
      expect(Date.parse(readBackAt)).toBeGreaterThan(Date.parse(report.until));
      expect(record).toMatch(/^change-[0-9a-f]{32} item-\d+-done$/);
    }
    expect(global.map(({ did }) => did)).toEqual([expect.stringContaining("Reset user password (1)"), "", ""]);
    expect(report.reviews.every(({ status }) => status === "Done")).toBe(true);
    expect(readFileSync(join(directory, "review.csv"), "utf8").split("\r\n")).toHaveLength(report.items.length + 2);
    expect(readFileSync(join(directory, "review.html"), "utf8")).toContain("leaves the team");
  });

  it("lets a changed policy grant nothing before two persons accepted it", async () => {
    const file = join(policy, "roles.yaml");
    writeFileSync(file, edited(readFileSync(file, "utf8"), "maximum: PT2H", "maximum: PT3H"));
    await stack().kill("host");
    await stack().start("host");
    expect(await zs("policy", "diff")).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("Global Administrator / maximum duration: PT2H becomes PT3H") as unknown,
    });
    const refused = await app().openChange(ADA_GLOBAL);
    await stack().settle();
    expect(await app().status(refused)).toBe("Refused");
    await json("policy", "accept", "--because", "three hours are needed", "--no-wait");
    await stack().settle();
    for (const [person, choice] of [
      ["dev.patel", "confirm"],
      ["cora.lindt", "approve"],
    ] as const) {
      const visitor = new AppVisitor(`${person}@contoso.example`);
      const mails = await app().mails(`${person}@contoso.example`);
      const link =
        mails.flatMap(({ content }) => /http[^"]*\/api\/l\/[A-Za-z0-9_-]+/.exec(content)?.[0] ?? []).at(-1) ?? "";
      const shown = await visitor.choose(await visitor.open(link), "signIn");
      expect(plainText(shown.text)).toMatch(
        /Who gains everybody who is eligible \(.+\): Global Administrator: may hold it for up to PT3H instead of PT2H/,
      );
      await visitor.choose(shown, choice);
      await stack().settle();
    }
    expect((await zs("policy", "diff")).exitCode).toBe(0);
    const asked = await app().openChange(ADA_GLOBAL);
    await stack().settle();
    expect(await app().status(asked)).toBe("AwaitingStepUp");
  });

  it("asks Graph only for what Graph documents", async () => {
    const exchanges = (await stack().call("graph", "exchanges")) as GraphExchange[];
    expect(exchanges.flatMap(validateExchange)).toEqual([]);
  });
});
