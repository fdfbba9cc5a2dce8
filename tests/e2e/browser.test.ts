import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { ACCOUNTS, adminId, ROLES } from "../../local/seed.ts";
import { useBrowser } from "../support/browser.ts";
import { FIRST_DAY, reviewedPolicy } from "../support/reviewed-policy.ts";
import { reviewLink } from "../support/review-page.ts";
import { ADA_GLOBAL, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { storedRows } from "../support/stored-rows.ts";

/** Fills in the sign-in pages of the local identity provider as a person would. */
async function signIn(page: Page, userName: string): Promise<void> {
  await page.getByLabel("User name").fill(userName);
  await page.getByRole("button", { name: "Next", exact: true }).click();
}

const approveOnPhone = (page: Page): Promise<void> =>
  page.getByRole("button", { name: "Approve", exact: true }).click();

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe("the pages in a real browser", () => {
  const stack = useStack({ settings: { POLICY_DIRECTORY: reviewedPolicy() } });
  const browser = useBrowser();

  it("let a person confirm, an approver decide, and both see the role become active", async () => {
    const app = new RunningApp(stack());
    const ticket = await app.openChange(ADA_GLOBAL);
    await stack().settle();

    const ada = await (await browser().newContext()).newPage();
    await ada.goto(await app.linkTo("ada.byron", ticket));
    await expect(ada.textContent("h1")).resolves.toContain("Did you ask for this role?");
    await ada.getByRole("button", { name: "I asked for this" }).click();
    await signIn(ada, "adm-ada.byron@contoso.example");
    await approveOnPhone(ada);
    await ada.waitForURL(/\/api\/a\//);
    await stack().settle();

    const cora = await (await browser().newContext()).newPage();
    await cora.goto(await app.linkTo("cora.lindt", ticket));
    await expect(cora.textContent("body")).resolves.not.toContain("Ada Byron");
    await cora.getByRole("button", { name: "Sign in" }).click();
    await signIn(cora, "cora.lindt@contoso.example");
    await expect(cora.textContent("h1")).resolves.toContain("Ada Byron asks for Global Administrator");
    await cora.getByRole("button", { name: "Approve", exact: true }).click();
    await signIn(cora, "cora.lindt@contoso.example");
    await approveOnPhone(cora);
    await cora.waitForURL(/\/api\/a\//);
    await stack().settle();

    const again = await ada.context().newPage(); // the first one may be looking again by itself just now
    await again.goto(ada.url());
    await expect(again.textContent("body")).resolves.toContain("The role is active");
    expect(await app.status(ticket)).toBe("Active");
  });

  it("decide nothing for a scanner that opens every link and runs every script", async () => {
    const app = new RunningApp(stack());
    const ticket = await app.openChange({ ...ADA_GLOBAL, person: "hugo.brandt" });
    await stack().settle();
    await app.confirm({ ...ADA_GLOBAL, person: "hugo.brandt" }, ticket);
    await stack().settle();
    const before = await dump();

    const scanner = await (await browser().newContext()).newPage();
    for (const { content } of await app.mails())
      for (const [link] of content.matchAll(/http[^"\s<]*\/api\/[al]\/[A-Za-z0-9_-]+/g)) {
        await scanner.goto(link);
        await scanner.goto(link, { waitUntil: "networkidle" });
      }
    await stack().settle();

    expect(await dump()).toEqual(before);
    expect(await app.status(ticket)).toBe("AwaitingApproval");
  });

  it("let a reviewer of several roles answer on one page, see what is missing, and decide in all with one sign-in", async () => {
    const app = new RunningApp(stack());
    const [GLOBAL, USERS] = [ROLES.globalAdministrator[0], ROLES.userAdministrator[0]];
    const displayName = `<b>${"Donaudampfschifffahrtsgesellschaft".repeat(3)}</b>`;
    await stack().call("graph", "setUser", { id: ACCOUNTS.orphan, displayName });
    await stack().clock.advance(Date.parse(`${FIRST_DAY}T01:00:00Z`) - stack().clock.now());
    await stack().settle();
    const cora = await (await browser().newContext()).newPage();
    const toCora = async (): Promise<readonly string[]> =>
      (await app.mails("cora.lindt@contoso.example"))
        .map(({ subject }) => subject)
        .filter((subject) => /review/i.test(subject));
    expect(await toCora()).toEqual(["Access review: who still needs which role?"]);
    await cora.goto(reviewLink(await app.mails("cora.lindt@contoso.example")));
    await expect(cora.textContent("body")).resolves.not.toContain("Hugo Brandt");
    await cora.getByRole("button", { name: "Sign in" }).click();
    await signIn(cora, "cora.lindt@contoso.example");
    for (const role of ["Global Administrator", "User Administrator"])
      await cora.getByRole("heading", { name: role }).waitFor();
    await cora.getByRole("rowheader", { name: displayName }).waitFor();
    const wider = "[...document.querySelectorAll('tbody th')].filter((cell) => cell.scrollWidth > cell.clientWidth)";
    expect(await cora.evaluate(`${wider}.map((cell) => cell.textContent)`)).toEqual([]); // over no other column
    const desktop = cora.viewportSize();
    await cora.setViewportSize({ width: 320, height: 640 });
    expect(await cora.evaluate("document.documentElement.scrollWidth")).toBe(320); // nothing to push aside on a phone
    if (desktop) await cora.setViewportSize(desktop);
    const hugo = cora.getByRole("group", { name: "Hugo Brandt as Global Administrator" });
    await hugo.getByLabel("keep").check();
    await cora.getByRole("button", { name: "Keep these answers" }).click();
    await expect(cora.getByRole("status").textContent()).resolves.toContain("a reason is missing");
    expect(await hugo.getByLabel("keep").isChecked()).toBe(true);
    await expect(hugo.getByLabel("Why").getAttribute("aria-invalid")).resolves.toBe("true");
    await hugo.getByLabel("Why").fill("stands in for Ada");
    const grace = cora.getByRole("group", { name: "Grace Oduya as User Administrator" });
    await grace.getByLabel("keep").check();
    await grace.getByLabel("Why").fill("on call");
    await grace.getByLabel("Why").press("Enter"); // keeps, and answers for nobody else
    await cora.getByText(/2 of \d+ answered/).waitFor(); // fewer, if the daily look came before
    await stack().clock.advance(HOUR_MS); // longer than a session lasts
    await hugo.getByLabel("Why").fill("stands in for Ada, and for Dev");
    await cora.getByRole("button", { name: "Sign everything I answered" }).click();
    await signIn(cora, "cora.lindt@contoso.example");
    await approveOnPhone(cora);
    await cora.waitForURL(/\/api\/l\/[\w-]+\?signed$/);
    await cora.getByText("Everything that you answered counts.").waitFor();
    await stack().settle();
    const answers = (await storedRows(stack(), "changes")).filter(({ rowKey }) => rowKey?.startsWith("verdict-"));
    expect(new Set(answers.map(({ partitionKey }) => partitionKey)).size).toBe(2);

    await stack().clock.advance(15 * DAY_MS);
    await stack().settle();
    await stack().clock.advance(HOUR_MS);
    await stack().settle();
    expect(await app.eligibleFor(GLOBAL)).toEqual([adminId(8)]);
    const kept = (await storedRows(stack(), "changes")).map((row) => JSON.stringify(row));
    expect(kept.filter((row) => row.includes("stands in for Ada, and for Dev"))).not.toEqual([]);
    expect(await app.eligibleFor(USERS)).toEqual([adminId(7)]);
    expect((await toCora()).slice(1)).toEqual([
      "Reminder: Access review: who still needs which role?",
      "Access review 1 is over",
    ]);
  });

  async function dump(): Promise<unknown> {
    const tables = ["activations", "pending", "audit", "deliveries", "claims"];
    return Promise.all(tables.map((table) => storedRows(stack(), table)));
  }
});
